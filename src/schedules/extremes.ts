import { combine } from "./compose.ts";
import { entry, type Given } from "./entry.ts";
import { schedules } from "./params.ts";
import type { BuiltSchedule } from "./schedule.ts";
import { check, ParameterError } from "./values.ts";

const PARAMS = { of: schedules("the schedules to choose from at each step") };

/**
 * η(t) = max over the schedules of `of` at t. Cycles are those of the first schedule that has any.
 *
 * @throws {RangeError} for an empty list, and for schedules that move momentum (set `cycle_momentum: false`).
 */
export const max = (given: Given<typeof PARAMS>): BuiltSchedule => extreme("max", Math.max, given);

/**
 * η(t) = min over the schedules of `of` at t. Cycles are those of the first schedule that has any.
 *
 * @throws {RangeError} for an empty list, and for schedules that move momentum (set `cycle_momentum: false`).
 */
export const min = (given: Given<typeof PARAMS>): BuiltSchedule => extreme("min", Math.min, given);

function extreme(
  name: string,
  choose: (...rates: number[]) => number,
  given: Given<typeof PARAMS>,
): BuiltSchedule {
  const { of } = check(name, PARAMS, given);
  if (of.length === 0) throw new ParameterError(name, "of", "a list of at least one schedule", of);
  // Whose momentum should hold where the chosen rate changes hands has no one answer.
  if (of.some((schedule) => schedule.momentum !== null)) {
    throw new ParameterError(name, "of", "schedules with cycle_momentum: false", "one that moves momentum");
  }
  const chosen = combine(of, {
    rates: (rates) => (t) => choose(...rates.map((rate) => rate(t))),
    cycles: (cycles) => cycles.find((own) => own !== null) ?? null,
    local: (_, step) => step,
  });
  return { ...chosen, momentum: null };
}

const SAMPLE = [{ name: "cosine", lr: 0.1, T_max: "100%" }, { name: "constant", lr: 0.01 }];

export const maxEntry = entry({
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
});

export const minEntry = entry({
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
});
