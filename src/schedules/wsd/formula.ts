import { cosineBetween } from "../curves.ts";
import { cycleFinder } from "../cycles.ts";
import type { Given, Values } from "../param_types.ts";
import { choice, durationOrZero, number, rate } from "../params.ts";
import type { BuiltSchedule, Schedule } from "../schedule.ts";
import { check, ParameterError } from "../values.ts";

export const PARAMS = {
  lr: rate("rate of the stable phase"),
  warmup: durationOrZero("w, the length of the linear rise from 0"),
  stable: durationOrZero("s, the length of the stable phase"),
  decay: durationOrZero("d, the length of the fall"),
  decay_shape: choice("shape of the fall", [
    "linear",
    "cosine",
    "1-sqrt",
    "exponential",
    "geometric",
    "inverse",
  ]),
  min_ratio: number("r, the last rate as a fraction of lr", "fraction", { min: 0, max: 1 }, 0),
  warmup_shape: choice("shape of the rise", ["linear", "cosine", "1-sqrt"]),
  start_ratio: number("r₀, the first rate as a fraction of lr", "fraction", { min: 0, max: 1 }, 0),
  cycles: number("stable phases with their falls; each one after the first starts from lr", "cycles", {
    min: 1,
    whole: true,
  }, 1),
};

/**
 * Warmup, stable, decay: η(t) = η₀·(r₀ + (1 − r₀)·g(t/w)) for t < w with g(p) = p (linear), (1 − cos(πp))/2 (cosine)
 * or 1 − √(1 − p) (1-sqrt); η₀ up to w + s; then, with p = (t − w − s)/d, η₀·(r + (1 − r)·f(p)) with f(p) = 1 − p
 * (linear), (1 + cos(πp))/2 (cosine), 1 − √p (1-sqrt) or 2^(1 − p) − 1 (exponential); or η₀·r^p (geometric), or
 * η₀/(1 − p + p/r) (inverse), whose reciprocal is a straight line. r₀ = `start_ratio`, r = `min_ratio`; t, w, s and d
 * in steps. With n = `cycles` the stable phase and the fall come n times, each from η₀.
 *
 * First value r₀·η₀ (`lr` where w = 0), last r·η₀, reached at t = w + n·(s + d), where it stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { wsd } from "#schedules/wsd/formula.ts";
 *
 * const rate = wsd({ lr: 1, warmup: 10, stable: 70, decay: 20, min_ratio: 0.5 });
 * assert.deepEqual([rate(0), rate(5), rate(10), rate(79)], [0, 0.5, 1, 1]);
 * assert.deepEqual([rate(90), rate(100), rate(1000)], [0.75, 0.5, 0.5]);
 * ```
 *
 * @throws {RangeError} unless `lr` > 0, the three durations >= 0, 0 <= `start_ratio` and `min_ratio` <= 1, `cycles` is
 * a whole number >= 1; for a geometric or inverse fall to 0, which never arrives.
 * @see Hu et al., 2024, arXiv:2404.06395; transformers.get_wsd_schedule; Hägele et al., 2024, arXiv:2405.18392
 * @see Megatron-LM's WSD (exponential); fairseq's tri_stage (geometric); Wen et al., 2024, arXiv:2410.05192 (inverse,
 * and cycles)
 */
export function wsd(given: Given<typeof PARAMS>): Schedule {
  const v = check("wsd", PARAMS, given);
  const { lr, warmup, stable, decay, decay_shape, min_ratio, start_ratio, cycles } = v;
  if (min_ratio === 0 && decay > 0 && (decay_shape === "geometric" || decay_shape === "inverse")) {
    throw new ParameterError("wsd", "min_ratio", `> 0 with decay_shape: ${decay_shape}`, min_ratio);
  }
  const [rise, fall] = [RISES[v.warmup_shape], FALLS[decay_shape]];
  return (t) => {
    if (t < warmup) return lr * (start_ratio + (1 - start_ratio) * rise(t / warmup));
    const elapsed = t - warmup;
    const inCycle = cycles === 1
      ? elapsed
      : elapsed - (stable + decay) * Math.min(cycles - 1, Math.floor(elapsed / Math.max(1, stable + decay)));
    if (inCycle < stable) return lr;
    return lr * fall(decay === 0 ? 1 : Math.min(1, (inCycle - stable) / decay), min_ratio);
  };
}

const RISES = {
  linear: (p: number) => p,
  cosine: (p: number) => cosineBetween(0, 1, p),
  "1-sqrt": (p: number) => 1 - Math.sqrt(1 - p),
};

/** The fraction of lr at progress p of a fall to the fraction r. */
const FALLS = {
  linear: (p: number, r: number) => r + (1 - r) * (1 - p),
  cosine: (p: number, r: number) => r + (1 - r) * cosineBetween(1, 0, p),
  "1-sqrt": (p: number, r: number) => r + (1 - r) * (1 - Math.sqrt(p)),
  exponential: (p: number, r: number) => r + (1 - r) * (2 ** (1 - p) - 1),
  geometric: (p: number, r: number) => r ** p,
  inverse: (p: number, r: number) => p === 1 ? r : 1 / (1 - p + p / r),
};

/** The cycles; the warmup belongs to the first. `null` for a single one. */
export function cyclesOf(
  { warmup, stable, decay, cycles }: Values<typeof PARAMS>,
): BuiltSchedule["cycles"] {
  const length = stable + decay;
  if (cycles === 1 || length === 0) return null;
  return cycleFinder((cycle) => cycle === 0 ? 0 : warmup + cycle * length, cycles);
}
