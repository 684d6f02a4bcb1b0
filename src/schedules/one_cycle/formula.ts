import { type Between, cosineBetween, lineBetween } from "../curves.ts";
import { cyclePosition } from "../cycles.ts";
import type { Given, Values } from "../param_types.ts";
import { boolean, choice, duration, momentum, number, rate } from "../params.ts";
import type { BuiltSchedule, Schedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

export const PARAMS = {
  max_lr: rate("rate at the peak"),
  duration: duration("T, the whole cycle"),
  pct_start: number("fraction of T in which the rate rises", "fraction", { above: 0, below: 1 }, 0.3),
  anneal: choice("shape of each phase", ["cos", "linear"]),
  div_factor: number("the first rate is max_lr / div_factor", "factor", { above: 0 }, 25),
  final_div_factor: number("the last rate is the first / final_div_factor", "factor", { above: 0 }, 1e4),
  three_phase: boolean(
    "whether the fall takes as long as the rise and a third phase continues to the last rate",
    false,
  ),
  inclusive_end: boolean(
    "whether the last step has the last rate, as in torch; false as in fastai, where step T would have it",
    true,
  ),
  base_momentum: momentum("momentum at the peak of the rate", 0.85),
  max_momentum: momentum("momentum at both ends", 0.95),
  cycle_momentum: boolean("whether momentum moves opposite to the rate", true),
};

/**
 * One rise and one fall: η goes max/div → max → (max/div)/final_div, momentum max → base → max.
 *
 * Phases end at pct·T − 1 (the peak) and T − 1, with `three_phase` at pct·T − 1, 2·pct·T − 2 (back at max/div) and
 * T − 1; t and T = `duration` in steps. Where a phase end is not whole, no step hits it: the peak is then missed
 * by a little. With `inclusive_end: false` the phases end at pct·T, (2·pct·T) and T. Past T − 1 the last rate stays (torch rebounds or turns negative). Where pct·T <= 1 there is no rise:
 * the cycle starts at its peak (torch divides by zero at pct·T = 1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { oneCycle } from "#schedules/one_cycle/formula.ts";
 *
 * const { lr, momentum } = oneCycle({ max_lr: 0.1, duration: 100, anneal: "linear" });
 * // Up for 30 steps, down for 70; the momentum goes the other way.
 * assert.equal(lr(0), 0.1 / 25);
 * assert.deepEqual([lr(29), momentum!(29)], [0.1, 0.85]);
 * assert.equal(lr(99), 0.1 / 25 / 1e4);
 * ```
 *
 * @throws {RangeError} unless `max_lr` > 0, `duration` >= 1, 0 < `pct_start` < 1 (at most 0.5 with `three_phase`),
 * `div_factor` > 0, `final_div_factor` > 0 and 0 <= `base_momentum` <= `max_momentum` < 1.
 * @see Smith and Topin, 2017, arXiv:1708.07120; torch.optim.lr_scheduler.OneCycleLR
 */
export function oneCycle(given: Given<typeof PARAMS>): Pick<BuiltSchedule, "lr" | "momentum" | "cycles"> {
  const v = check("one_cycle", PARAMS, given);
  if (v.three_phase && v.pct_start > 0.5) {
    throw new ParameterError(
      "one_cycle",
      "pct_start",
      "<= 0.5 with three_phase (two such phases)",
      v.pct_start,
    );
  }
  if (v.base_momentum > v.max_momentum) {
    throw new ParameterError(
      "one_cycle",
      "base_momentum",
      `<= max_momentum (${v.max_momentum})`,
      v.base_momentum,
    );
  }
  const first = v.max_lr / v.div_factor;
  const last = first / v.final_div_factor;
  const [base, top] = [v.base_momentum, v.max_momentum];
  const ends = endsOf(v);
  const shape = v.anneal === "cos" ? cosineBetween : lineBetween;
  return {
    lr: phases(ends, v.three_phase ? [first, v.max_lr, first, last] : [first, v.max_lr, last], shape),
    momentum: v.cycle_momentum
      ? phases(ends, v.three_phase ? [top, base, top, top] : [top, base, top], shape)
      : null,
    cycles: (t) => cyclePosition(0, t, v.duration),
  };
}

/** Ends of the phases, in steps; not always whole. */
export function endsOf(
  { duration, pct_start, three_phase, inclusive_end }: Pick<
    Values<typeof PARAMS>,
    "duration" | "pct_start" | "three_phase" | "inclusive_end"
  >,
): number[] {
  const early = inclusive_end ? 1 : 0;
  const peak = wholeOf(pct_start * duration) - early;
  return three_phase ? [peak, 2 * peak, duration - early] : [peak, duration - early];
}

/** The whole number that a product misses by rounding alone (0.29 · 100), else the product. */
function wholeOf(product: number): number {
  const whole = Math.round(product);
  return Math.abs(product - whole) <= 4 * Number.EPSILON * whole ? whole : product;
}

/** Moves through `values` in phases that end at `ends`; a phase without a positive length is left out. */
function phases(ends: readonly number[], values: readonly number[], shape: Between): Schedule {
  return (t) => {
    let start = 0;
    for (const [phase, end] of ends.entries()) {
      if (t < end) return shape(values[phase]!, values[phase + 1]!, (t - start) / (end - start));
      if (t === end) return values[phase + 1]!;
      start = end;
    }
    return values[values.length - 1]!;
  };
}
