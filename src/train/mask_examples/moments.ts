import type { TrainingData } from "../data.ts";

/** Which masks a run keeps for its report. Keeping them changes no number of the run. */
export interface MaskExamplesPlan {
  readonly data: Pick<TrainingData, "shape" | "classes" | "validation">;
  /** Steps done at the evaluations after which predictions are kept, rising. */
  readonly steps: readonly number[];
}

/** Moments of a run at which it keeps predicted masks, at most. */
const MOMENTS = 6;

/** The steps of a run: where it begins and ends, and how many lie between two evaluations. */
export interface RunSteps {
  readonly firstStep: number;
  readonly totalSteps: number;
  readonly evalEvery: number;
}

/**
 * Steps done at the evaluations after which a run keeps predicted masks, rising: its first and its last evaluation, and
 * others evenly between them, six in all where there are so many.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { exampleSteps } from "#train/mask_examples/moments.ts";
 *
 * const run = { firstStep: 0, totalSteps: 105, evalEvery: 10 };
 * assert.deepEqual(exampleSteps(run), [10, 30, 50, 70, 90, 105]);
 * assert.deepEqual(exampleSteps({ ...run, totalSteps: 15 }), [10, 15]);
 * ```
 */
export function exampleSteps({ firstStep, totalSteps, evalEvery }: RunSteps): number[] {
  const evaluations = Math.ceil((totalSteps - firstStep) / evalEvery);
  if (evaluations < 1) return [];
  const places = Array.from(
    { length: MOMENTS },
    (_, moment) => 1 + Math.round(moment * (evaluations - 1) / (MOMENTS - 1)),
  );
  return [...new Set(places)].map((place) => Math.min(totalSteps, firstStep + place * evalEvery));
}
