import { cosineBetween } from "../curves.ts";
import { cycleFinder, type CycleStarts, geometricStarts } from "../cycles.ts";
import type { Given, Values } from "../param_types.ts";
import { boolean, duration, factor, number, rate, rateOrZero } from "../params.ts";
import type { BuiltSchedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

export const PARAMS = {
  lr: rate("rate at the start of the first cycle"),
  eta_min: rateOrZero("rate at which the first cycle ends", 0),
  T_0: duration("length of the first cycle"),
  T_mult: number(
    "each descent is this many times as long as the one before; below 1 they end when none has a step left",
    "factor",
    { above: 0 },
    1,
  ),
  warmup: duration("W, a linear rise from the minimum at the start of every cycle, within its length", null),
  lr_decay: factor("factor of `lr` and `eta_min` at each restart", 1),
  decay_min: boolean("whether `lr_decay` multiplies `eta_min` too; false as in timm and Keras", true),
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
 * b_k = round(T₀·(m^k − 1)/(m − 1)), k·T₀ for m = `T_mult` = 1; m may be any real number > 0. With `decay_min: false`
 * the rate is min + (d^k·η₀ − min)·(1 + cos(…))/2. With W = `warmup` every cycle starts with W steps of a linear rise
 * from its minimum, and m multiplies the descents alone: b_k = k·W + round((T₀ − W)·(m^k − 1)/(m − 1)).
 *
 * First value `lr` (`eta_min` with a warmup). The step at b_k is the first of cycle k and has its maximum; the one before it is above the
 * minimum unless `inclusive_end`, which divides by L_k − 1. With `cycle_limit` K the rate stays at d^(K−1)·min from
 * b_K on, and every later step belongs to cycle K − 1. With m < 1 the descents last T₀/(1 − m) steps in all: the last
 * cycle is the last one whose descent has a whole step.
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
 * @throws {RangeError} unless `lr` > 0, 0 <= `eta_min` <= `lr`, `T_0` >= 1, `T_mult` > 0, `lr_decay` > 0,
 * `cycle_limit` >= 1 and `warmup` < `T_0`.
 * @see Loshchilov and Hutter, 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts
 * @see the CosineAnnealingWarmupRestarts of pytorch-cosine-annealing-with-warmup (warmup, with decay_min: false)
 */
export function sgdr(given: Given<typeof PARAMS>): Required<Pick<BuiltSchedule, "lr">> & {
  cycles: NonNullable<BuiltSchedule["cycles"]>;
} {
  const v = check("sgdr", PARAMS, given);
  const { lr, eta_min, T_0, lr_decay, decay_min, inclusive_end } = v;
  const rise = v.warmup ?? 0;
  if (eta_min > lr) throw new ParameterError("sgdr", "eta_min", `at most lr, which is ${lr}`, eta_min);
  if (rise >= T_0) throw new ParameterError("sgdr", "warmup", `shorter than T_0, which is ${T_0}`, rise);
  const { starts, limit } = cyclesOf(v);
  const cycles = cycleFinder(starts, limit);
  const between = (low: number, high: number, position: number, length: number): number => {
    if (position < rise) return low + (high - low) * position / rise;
    const span = Math.max(1, inclusive_end ? length - rise - 1 : length - rise);
    return cosineBetween(high, low, Math.min(1, (position - rise) / span));
  };
  return {
    cycles,
    lr: (t) => {
      const { cycle, position, length } = cycles(t);
      const factor = Math.min(lr_decay ** cycle, Number.MAX_VALUE);
      const value = decay_min
        ? factor * between(eta_min, lr, position, length)
        : between(eta_min, Math.min(factor * lr, Number.MAX_VALUE), position, length);
      return Math.min(value, Number.MAX_VALUE);
    },
  };
}

/** Starts of the cycles, and their number; `null` where they never end. */
export function cyclesOf(
  { T_0, T_mult, warmup, cycle_limit }: Pick<
    Values<typeof PARAMS>,
    "T_0" | "T_mult" | "warmup" | "cycle_limit"
  >,
): { readonly starts: CycleStarts; readonly limit: number | null } {
  const rise = warmup ?? 0;
  const descents = geometricStarts(T_0 - rise, T_mult);
  const starts: CycleStarts = (cycle) => cycle * rise + descents(cycle);
  if (T_mult >= 1) return { starts, limit: cycle_limit };
  // A descent of a step or more before rounding has one after it.
  const whole = 1 + Math.floor(Math.log(T_0 - rise) / -Math.log(T_mult));
  const limit = Math.min(whole, cycle_limit ?? Infinity);
  // Past the last cycle the starts go on, as a search for a cycle needs them.
  const end = starts(limit);
  return { starts: (cycle) => cycle <= limit ? starts(cycle) : end + cycle - limit, limit };
}
