import type { Controls } from "#train/learner.ts";
import type { Dropout } from "./dropout_mask.ts";
import { entryOf } from "./layers/catalog.ts";
import type { AnyLayer } from "./layers/entry.ts";
import type { Model } from "./model.ts";

/** What layers drop, branches included, in order. */
export function dropoutsOf(layers: readonly AnyLayer[]): Dropout[] {
  return layers.flatMap((layer) => {
    const { branches, dropout } = entryOf(layer);
    const own = dropout?.(layer);
    return own ? [own] : dropoutsOf(branches?.(layer).flat() ?? []);
  });
}

/**
 * The step's number that its dropout masks are computed from; `null` for a model without dropout.
 *
 * @throws {TypeError} for a model with dropout and a step without a number: all its masks would be the same.
 */
export function dropoutStep({ layers, name }: Model, { step }: Controls): number | null {
  if (dropoutsOf(layers).length === 0) return null;
  if (step !== undefined) return step;
  throw new TypeError(
    `Cannot update ${name}, which has dropout, without the step's number (controls.step)`,
  );
}
