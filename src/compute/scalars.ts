import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";
import type { Scalars } from "#train/optimizers/entry.ts";

/** Name of one of the optimizer's scalars, `optimizer/weight_sum`, in a `LearnerState`. */
export function scalarName(scalar: string): string {
  return `optimizer/${scalar}`;
}

/** Names of an optimizer's scalars. */
export function scalarNames(optimizer: OptimizerSpec): readonly string[] {
  return entryOf(optimizer).scalars?.names ?? [];
}

/** Sets of an optimizer's scalars: one that all parameters share, or one for those in no group and each group. */
export function scalarSets(optimizer: OptimizerSpec): number {
  return entryOf(optimizer).scalars?.kind === "shared" ? 1 : 1 + (optimizer.groups?.length ?? 0);
}

/** The set of scalars that a group's parameters take; −1 is no group. */
export function scalarSet(optimizer: OptimizerSpec, group: number): number {
  return entryOf(optimizer).scalars?.kind === "shared" ? 0 : group + 1;
}

/** Every set of an optimizer's scalars. @param valuesOf those of one scalar, set by set. */
export function readScalars(
  optimizer: OptimizerSpec,
  valuesOf: (scalar: string) => ArrayLike<number>,
): Scalars[] {
  const names = scalarNames(optimizer);
  return Array.from(
    { length: scalarSets(optimizer) },
    (_, set) => Object.fromEntries(names.map((name) => [name, valuesOf(name)[set]!])),
  );
}

/**
 * The scalars of groups for the next step; those of a frozen group stand still, and shared ones, which follow from
 * gradients, stay as they are.
 *
 * @param rates `[1 + groups]`, `null` where a group is frozen. @param counts `[1 + groups]`, with this step.
 */
export function advanceGroups(
  optimizer: OptimizerSpec,
  before: readonly Scalars[],
  { rates, counts, momentum }: {
    readonly rates: readonly (number | null)[];
    readonly counts: ArrayLike<number>;
    readonly momentum: number;
  },
): readonly Scalars[] {
  const { scalars } = entryOf(optimizer);
  if (scalars?.kind !== "group") return before;
  return before.map((values, set) => {
    const lr = rates[set]!;
    return lr === null ? values : scalars.advance(optimizer, values, { lr, momentum, count: counts[set]! });
  });
}
