import { entry } from "./entry.ts";
import { extreme, extremeExports, neverChosen, PARAMS, SAMPLE } from "./extreme.ts";
import type { Given } from "./param_types.ts";
import type { BuiltSchedule } from "./schedule.ts";

/**
 * η(t) = min over the schedules of `of` at t. Cycles are those of the first schedule that has any.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { min } from "#schedules/min.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const line = buildSchedule({ name: "linear", lr: 1, duration: "10 steps" }, run);
 * const ceiling = buildSchedule({ name: "constant", lr: 0.75 }, run);
 * const { lr } = min({ of: [line, ceiling] });
 * assert.deepEqual([lr(0), lr(5), lr(10)], [0.75, 0.5, 0]);
 * ```
 *
 * @throws {RangeError} for an empty list, and for schedules that move momentum (set `cycle_momentum: false`).
 */
export const min = (given: Given<typeof PARAMS>): BuiltSchedule => extreme("min", Math.min, given);

export default entry({
  name: "min",
  summary: "The smallest of several rates at each step: a ceiling over a schedule.",
  params: PARAMS,
  formula: "min_i of_i(t)",
  first: "the smallest first rate",
  last: "the smallest last rate",
  source: "a ceiling, as Noam's min of two rates",
  label: "min of {of}",
  sample: { name: "min", of: SAMPLE },
  build: (values) => min(values),
  lint: { rules: [neverChosen] },
  exports: extremeExports("smallest", "minimum"),
});
