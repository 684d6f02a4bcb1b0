import { median } from "#lib/median.ts";
import { boundTerms, peakOf, ratesOver } from "./convex_bound.ts";

/** Gradient norms of a run, spread evenly over it. */
export type Norms = Float64Array;

export interface RefineOptions {
  /** Width of the median filter, as a share of the run: 0.1 if not given, as in the paper. */
  readonly smoothing?: number;
  /** Weights are norms to the power of minus this: 2 for SGD (the 2-norm), 1 for Adam (the 1-norm). 2 if not given. */
  readonly power?: 1 | 2;
}

/**
 * The schedule that theory takes after a run with these gradient norms (Defazio et al., 2023, arXiv:2310.07831,
 * algorithm 1): with the filtered norms Ĝ and weights w_t = Ĝ_t^−p,
 *
 *     η_t ∝ w_t · Σ_{s>t} w_s
 *
 * scaled to a peak of 1. The paper's last rate is 0, a step that is wasted; here the last norm counts for one step more, so
 * that it is the first rate past the end that is 0, and constant norms give linear decay, 1 − t/T.
 *
 * @throws {RangeError} for norms that are not finite and above 0 after filtering, and for a width outside [0, 1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { refinedRates } from "#theory/refine.ts";
 *
 * const rates = refinedRates(new Float64Array(5).fill(3));
 * assert.deepEqual([...rates].map((rate) => rate.toFixed(1)), ["1.0", "0.8", "0.6", "0.4", "0.2"]);
 * ```
 */
export function refinedRates(norms: Norms, { smoothing = 0.1, power = 2 }: RefineOptions = {}): Float64Array {
  const filtered = medianFiltered(norms, smoothing);
  const wrong = filtered.findIndex((norm) => !(norm > 0 && norm < Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot refine a schedule: the gradient norm around step ${wrong} is ${
        filtered[wrong]
      }; it must be above 0`,
    );
  }
  // Relative to the smallest, so that no weight overflows.
  const least = filtered.reduce((a, b) => Math.min(a, b), Infinity);
  const weights = filtered.map((norm) => (least / norm) ** power);
  const rates = new Float64Array(weights.length);
  let tail = weights.at(-1) ?? 0;
  for (let step = weights.length - 1; step >= 0; step--) {
    rates[step] = weights[step]! * tail;
    tail += weights[step]!;
  }
  const peak = peakOf(rates);
  return rates.map((rate) => rate / peak);
}

/**
 * The running median over a share of the values, an odd number of them. Before the first value there is that value, past
 * the last the values before it, mirrored, as in the paper.
 *
 * @throws {RangeError} for a share outside [0, 1).
 */
export function medianFiltered(values: Float64Array, share: number): Float64Array {
  if (!(share >= 0 && share < 1)) {
    throw new RangeError(`Cannot smooth over a share of ${share} of the run: it must lie in [0, 1)`);
  }
  const half = Math.floor(Math.floor(share * values.length) / 2);
  const last = values.length - 1;
  const at = (index: number): number => {
    if (index < 0) return values[0]!;
    return values[index <= last ? index : Math.max(0, 2 * last - index)]!;
  };
  const window = Float64Array.from({ length: 2 * half + 1 }, (_, index) => at(index - half)).sort();
  return ratesOver(values.length, (index) => {
    if (index > 0) replace(window, at(index - half - 1), at(index + half));
    return window[half]!;
  });
}

/** Takes one value out of a sorted list and puts another in. */
function replace(sorted: Float64Array, old: number, value: number): void {
  let place = sorted.indexOf(old);
  while (place > 0 && sorted[place - 1]! > value) sorted[place] = sorted[--place]!;
  while (place < sorted.length - 1 && sorted[place + 1]! < value) sorted[place] = sorted[++place]!;
  sorted[place] = value;
}

/** Points that norms of a longer run are thinned to. */
const MOST_POINTS = 4096;

/**
 * Norms as somebody logged them, ascending by step, as evenly spaced ones: the median of each stretch of the run, the one
 * before it where a stretch has none. Runs of up to 4,096 steps keep one a step.
 */
export function evenNorms(steps: ArrayLike<number>, values: ArrayLike<number>, length: number): Norms {
  const points = Math.max(1, Math.min(MOST_POINTS, Math.round(length)));
  const stretches: number[][] = Array.from({ length: points }, () => []);
  const first = steps[0] ?? 0;
  for (let index = 0; index < steps.length; index++) {
    const stretch = Math.floor((steps[index]! - first) * points / length);
    if (Number.isFinite(values[index]!)) stretches[Math.min(points - 1, stretch)]!.push(values[index]!);
  }
  let latest = median(stretches.find((stretch) => stretch.length > 0) ?? [NaN]);
  return Float64Array.from(stretches, (stretch) => {
    if (stretch.length > 0) latest = median(stretch);
    return latest;
  });
}

/** The median of the norms of several runs, step by step. */
export function medianNorms(runs: readonly Norms[]): Norms {
  return ratesOver(runs[0]!.length, (step) => median(runs.map((norms) => norms[step]!)));
}

/** The best peak rate of some rates with these norms, in units that rates with the same norms share. */
export function bestPeak(
  rates: Float64Array,
  norms: Norms,
): { readonly peak: number; readonly bound: number } | null {
  const terms = boundTerms(rates, { norms });
  if (terms === null) return null;
  const { distance, gradients } = terms;
  return {
    peak: Math.sqrt(distance) / Math.sqrt(gradients) * peakOf(rates),
    bound: 2 * Math.sqrt(distance) * Math.sqrt(gradients),
  };
}
