import { cosineBetween } from "../curves.ts";
import { cycleFinder, geometricStarts } from "../cycles.ts";
import type { Given } from "../param_types.ts";
import { boolean, duration, factor, number, rate, rateOrZero } from "../params.ts";
import type { BuiltSchedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

export const PARAMS = {
  lr: rate("rate at the start of the first cycle"),
  eta_min: rateOrZero("rate at which the first cycle ends", 0),
  T_0: duration("length of the first cycle"),
  T_mult: number("each cycle is this many times as long as the one before", "factor", { min: 1 }, 1),
  lr_decay: factor("factor of `lr` and `eta_min` at each restart", 1),
  cycle_limit: number("number of cycles, after which the rate stays at its minimum", "cycles", {
    min: 1,
    whole: true,
  }, null),
  inclusive_end: boolean(
    "whether the last step of a cycle reaches the minimum, which torch never does",
    false,
  ),
};

/**
 * Cosine annealing with warm restarts. In cycle k, which starts at b_k and lasts L_k = b_(k+1) − b_k steps,
 * η(t) = d^k·(min + (η₀ − min)·(1 + cos(π(t − b_k)/L_k))/2), with d = `lr_decay`;
 * b_k = round(T₀·(m^k − 1)/(m − 1)), k·T₀ for m = `T_mult` = 1; m may be any real number >= 1.
 *
 * First value `lr`. The step at b_k is the first of cycle k and has its maximum; the one before it is above the
 * minimum unless `inclusive_end`, which divides by L_k − 1. With `cycle_limit` K the rate stays at d^(K−1)·min from
 * b_K on, and every later step belongs to cycle K − 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sgdr } from "#schedules/sgdr/formula.ts";
 *
 * const { lr, cycles } = sgdr({ lr: 0.1, T_0: 10, T_mult: 2 });
 * // Cycles of 10, 20 and 40 steps start at 0, 10 and 30.
 * assert.deepEqual([lr(0), lr(10), lr(30)], [0.1, 0.1, 0.1]);
 * assert.ok(lr(9) < 0.003);
 * assert.deepEqual([cycles(29).isLast, cycles(30).isRestart, cycles(30).cycle], [true, true, 2]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr`, `T_0` >= 1, `T_mult` >= 1, `lr_decay` > 0 and
 * `cycle_limit` >= 1.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts
 */
export function sgdr(given: Given<typeof PARAMS>): Required<Pick<BuiltSchedule, "lr">> & {
  cycles: NonNullable<BuiltSchedule["cycles"]>;
} {
  const { lr, eta_min, T_0, T_mult, lr_decay, cycle_limit, inclusive_end } = check("sgdr", PARAMS, given);
  if (eta_min > lr) throw new ParameterError("sgdr", "eta_min", `at most lr, which is ${lr}`, eta_min);
  const cycles = cycleFinder(geometricStarts(T_0, T_mult), cycle_limit);
  return {
    cycles,
    lr: (t) => {
      const { cycle, position, length } = cycles(t);
      const span = inclusive_end ? Math.max(1, length - 1) : length;
      const value = cosineBetween(lr, eta_min, Math.min(1, position / span));
      return Math.min(lr_decay ** cycle * value, Number.MAX_VALUE);
    },
  };
}
