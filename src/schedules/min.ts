import { entry } from "./entry.ts";
import { extreme, extremeExports, PARAMS, SAMPLE } from "./extreme.ts";
import type { Given } from "./param_types.ts";
import type { BuiltSchedule } from "./schedule.ts";

/**
 * η(t) = min over the schedules of `of` at t. Cycles are those of the first schedule that has any.
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
  exports: extremeExports("smallest", "minimum"),
});
