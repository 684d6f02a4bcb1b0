import type { Controls } from "#train/learner.ts";
import type { ParameterGroup } from "#train/optimizer.ts";
import type { Model } from "./model.ts";
import { type Parameter, parametersOf } from "./parameters.ts";

/**
 * The group of each trainable parameter, in the order of the layers: an index, or −1 where no pattern fits. The first
 * pattern that fits decides.
 *
 * @throws {RangeError} for a pattern that no parameter is left for.
 */
export function groupsOf(
  model: Model,
  groups: readonly ParameterGroup[] = [],
): { readonly parameter: Parameter; readonly group: number }[] {
  const patterns = groups.map(({ match }) => pattern(match));
  const assigned = parametersOf(model).filter(({ trainable }) => trainable).map((parameter) => ({
    parameter,
    group: patterns.findIndex((fits) => fits.test(parameter.name)),
  }));
  groups.forEach(({ match }, index) => {
    if (assigned.some(({ group }) => group === index)) return;
    const names = assigned.map(({ parameter }) => parameter.name).join(", ");
    throw new RangeError(
      `Parameter group ${JSON.stringify(match)} takes no parameter of ${model.name} that an earlier group ` +
        `left; there are ${names}`,
    );
  });
  return assigned;
}

/**
 * The rates of one step in 32 bits, `[1 + groups]`: of the parameters in no group, then of each group; `null` where a
 * group is frozen.
 *
 * @throws {RangeError} for rates of another number of groups.
 */
export function ratesOf({ lr, groups }: Controls, count: number): readonly (number | null)[] {
  if (groups && groups.length !== count) {
    throw new RangeError(
      `Cannot update with ${groups.length} groups' rates: the optimizer has ${count} groups`,
    );
  }
  const rates = groups ?? Array.from({ length: count }, () => lr);
  return [lr, ...rates].map((rate) => rate === null ? null : Math.fround(rate));
}

function pattern(match: string): RegExp {
  return new RegExp(
    `^${match.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`,
  );
}
