import type { Conditions } from "./conditions.ts";
import { STAYS } from "./conditions.ts";
import { entry } from "./entry.ts";
import { kerasNative } from "./frameworks/native.ts";
import { py, real } from "./frameworks/python.ts";
import type { Given, Plain, Written } from "./param_types.ts";
import { boolean, duration, factor, number, rate } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the first step"),
  decay_rate: number("k, the decay per `every`", "1", { min: 0 }),
  every: duration("s, the unit of time of the decay", "1 epoch"),
  power: factor("p: 1 is 1/(1 + kt), 0.5 its square root", 1),
  staircase: boolean("whether t/s is rounded down, so that the rate falls in steps, one per `every`", false),
};

/**
 * η(t) = η₀/(1 + k·t/s)^p; t and s = `every` in steps, k = `decay_rate`, p = `power`. `staircase` floors t/s.
 *
 * First value η₀; it falls for ever. With 0.5 < p <= 1 it meets both of Robbins and Monro's conditions, as no other
 * schedule of the catalogue does without restarts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inverseTime } from "#schedules/inverse_time.ts";
 *
 * const rate = inverseTime({ lr: 1, decay_rate: 1, every: 10 });
 * assert.deepEqual([rate(0), rate(10), rate(30)], [1, 0.5, 0.25]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, `decay_rate` >= 0, `every` >= 1 and `power` > 0.
 * @see Robbins and Monro, 1951; keras.optimizers.schedules.InverseTimeDecay; the policy "inv" of Caffe
 */
export function inverseTime(given: Given<typeof PARAMS>): Schedule {
  const { lr, decay_rate, every, power, staircase } = check("inverse_time", PARAMS, given);
  return (t) => lr / (1 + decay_rate * (staircase ? Math.floor(t / every) : t / every)) ** power;
}

function body({ lr, decay_rate, every, power, staircase }: Plain<typeof PARAMS>): string[] {
  const elapsed = staircase ? `(t // ${every})` : `t / ${every}`;
  const exponent = power === 1 ? "" : ` ** ${py(power)}`;
  return [`return ${real(lr)} / (1 + ${real(decay_rate)} * ${elapsed})${exponent}`];
}

/** Σ t^−p diverges for p <= 1, Σ t^−2p converges for p > 1/2. */
function conditions({ decay_rate, power }: Written<typeof PARAMS>): Conditions {
  if (decay_rate === 0) return STAYS;
  return {
    sumDiverges: power <= 1,
    squaresConverge: power > 0.5,
    because: `the rate falls as t^−${power}, whose sum ${power <= 1 ? "diverges" : "converges"}, and its ` +
      `squares as t^−${2 * power}`,
  };
}

export default entry({
  name: "inverse_time",
  summary: "Falls as 1/(1 + kt), or as a power of that.",
  params: PARAMS,
  formula: "η₀/(1 + k·t/s)^p",
  first: "lr",
  last: "falls as 1/t^p for ever",
  source: "Robbins and Monro, 1951; Keras InverseTimeDecay, Caffe's policy inv",
  label: "inverse time {lr}, decay {decay_rate} per {every}[, power {power}][, staircase {staircase}]",
  sample: { name: "inverse_time", lr: 0.1, decay_rate: 0.5, every: "1 epoch" },
  build: (values) => ({ lr: inverseTime(values) }),
  conditions,
  exports: {
    body,
    natives: {
      keras: (v) =>
        v.power !== 1 ? [] : [
          kerasNative("InverseTimeDecay", {
            initial_learning_rate: v.lr,
            decay_steps: v.every,
            decay_rate: v.decay_rate,
            staircase: v.staircase,
          }),
        ],
    },
  },
});
