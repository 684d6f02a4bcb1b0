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

function pattern(match: string): RegExp {
  return new RegExp(
    `^${match.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`,
  );
}
