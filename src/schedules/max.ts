import { entry } from "./entry.ts";
import { extreme, extremeExports, neverChosen, PARAMS, SAMPLE } from "./extreme.ts";
import type { Given } from "./param_types.ts";
import type { BuiltSchedule } from "./schedule.ts";

/**
 * η(t) = max over the schedules of `of` at t. Cycles are those of the first schedule that has any.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { max } from "#schedules/max.ts";
 * import { buildSchedule } from "#schedules/registry.ts";
 *
 * const run = { totalSteps: 100, stepsPerEpoch: 10 };
 * const line = buildSchedule({ name: "linear", lr: 1, duration: "10 steps" }, run);
 * const floor = buildSchedule({ name: "constant", lr: 0.25 }, run);
 * const { lr } = max({ of: [line, floor] });
 * assert.deepEqual([lr(0), lr(5), lr(10)], [1, 0.5, 0.25]);
 * ```
 *
 * @throws {RangeError} for an empty list, and for schedules that move momentum (set `cycle_momentum: false`).
 */
export const max = (given: Given<typeof PARAMS>): BuiltSchedule => extreme("max", Math.max, given);

export default entry({
  name: "max",
  summary: "The largest of several rates at each step: a floor under a schedule.",
  params: PARAMS,
  formula: "max_i of_i(t)",
  first: "the largest first rate",
  last: "the largest last rate",
  source: "a floor, as min_lr in transformers' cosine_with_min_lr",
  label: "max of {of}",
  sample: { name: "max", of: SAMPLE },
  build: (values) => max(values),
  lint: { rules: [neverChosen] },
  exports: extremeExports("largest", "maximum"),
});
