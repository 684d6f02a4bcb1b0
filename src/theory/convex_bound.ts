/**
 * The bound of the last iterate for rates γη_t, as a function of γ, D and G:
 * `distance·D²/γ + gradients·γ·G²`.
 */
export interface BoundTerms {
  /** Steps up to the last one with a rate above 0. */
  readonly steps: number;
  /** 1 / (2 Σ η). */
  readonly distance: number;
  /** N/2, with the N of {@link boundTerms}. */
  readonly gradients: number;
}

/**
 * The last-iterate bound of SGD on a convex function whose (sub)gradients have norm at most G, started at the distance D
 * from a minimiser (Defazio et al., 2023, arXiv:2310.07831, theorem 10; Schaipp et al., 2025, arXiv:2501.18965, theorem 1).
 * With rates γη_t, t = 1 … T, E f(x_T) − f* is at most
 *
 *     D²/(2γ Σ η_t) + γ/2·[ Σ η_t²G_t² / Σ η_t + Σ_{k<T} η_k/(Σ_{t>k} η_t) · (Σ_{t≥k} η_t²G_t²)/(Σ_{t≥k} η_t) ]
 *
 * The square brackets are the same as N = η_T G_T² + Σ_{k<T} η_k²G_k² / Σ_{t>k} η_t, by summation by parts, since
 * η_k/(S_{k+1} S_k) = 1/S_{k+1} − 1/S_k for S_k = Σ_{t≥k} η_t. So one pass from the end suffices, which subtracts nothing.
 *
 * Steps with the rate 0 move nothing and are left out; those at the end too, as the bound is that of x_T, before step T.
 *
 * @param norms G_t of each step, in units of G; 1 if not given.
 * @param steps the horizon T, at most the number of rates; all of them if not given.
 * @returns the terms, or `null` where no rate is above 0.
 * @throws {RangeError} where there are fewer norms than steps.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bestBase, boundTerms } from "#theory/convex_bound.ts";
 *
 * // At a constant rate the brackets are 1 + 1/1 + 1/2 + … + 1/(T − 1), times the rate.
 * const terms = boundTerms(Float64Array.of(0.5, 0.5, 0.5))!;
 * assert.deepEqual(terms, { steps: 3, distance: 1 / 3, gradients: 0.625 });
 * assert.ok(Math.abs(bestBase(terms).bound - 2 * Math.sqrt(0.625 / 3)) < 1e-12);
 * ```
 */
export function boundTerms(
  rates: Float64Array,
  { norms, steps = rates.length }: { readonly norms?: Float64Array; readonly steps?: number } = {},
): BoundTerms | null {
  if (norms !== undefined && norms.length < steps) {
    throw new RangeError(`Cannot bound ${steps} steps with ${norms.length} gradient norms`);
  }
  let last = steps - 1;
  while (last >= 0 && !(rates[last]! > 0)) last--;
  if (last < 0) return null;
  // All rates are divided by the last one, so that no square underflows.
  const scale = rates[last]!;
  let sum = 1;
  let weighted = square(norms?.[last] ?? 1);
  for (let step = last - 1; step >= 0; step--) {
    const rate = rates[step]! / scale;
    weighted += rate * rate * (norms === undefined ? 1 : square(norms[step]!)) / sum;
    sum += rate;
  }
  return { steps: last + 1, distance: 1 / (2 * scale * sum), gradients: scale * weighted / 2 };
}

const square = (value: number) => value * value;

/** The base rate γ that makes the bound smallest, in units of D/G, and that bound, in units of DG. */
export interface BestBase {
  readonly base: number;
  readonly bound: number;
}

/** γ* = √(distance / gradients), where both terms are the same, and 2√(distance·gradients). */
export function bestBase({ distance, gradients }: BoundTerms): BestBase {
  return {
    base: Math.sqrt(distance) / Math.sqrt(gradients),
    bound: 2 * Math.sqrt(distance) * Math.sqrt(gradients),
  };
}

/** The bound at the base rate γ (in D/G), in units of DG. */
export function boundAt({ distance, gradients }: BoundTerms, base: number): number {
  return distance / base + gradients * base;
}

/** The largest of some rates. */
export function peakOf(rates: Float64Array): number {
  let peak = 0;
  for (const rate of rates) if (rate > peak) peak = rate;
  return peak;
}

/** Linear decay over so many steps: 1 at the first, 1/T at the last. */
export function linearDecay(steps: number): Float64Array {
  return ratesOver(steps, (step) => (steps - step) / steps);
}

/** Euler's constant. */
const GAMMA = 0.5772156649015329;

/** The n-th harmonic number, 1 + 1/2 + … + 1/n, to 1e-15 of itself. */
function harmonic(n: number): number {
  if (n >= 100) return Math.log(n) + GAMMA + 1 / (2 * n) - 1 / (12 * n * n) + 1 / (120 * n ** 4);
  let sum = 0;
  for (let k = n; k >= 1; k--) sum += 1 / k;
  return sum;
}

/** The terms of {@link linearDecay} in closed form: N = (2T − 1 + 2H_{T−1}) / T, with the harmonic numbers H. */
export function linearTerms(steps: number): BoundTerms {
  return {
    steps,
    distance: 1 / (steps + 1),
    gradients: (2 * steps - 1 + 2 * harmonic(steps - 1)) / (2 * steps),
  };
}

/** The rates of so many steps, from the first on. (`Float64Array.from` takes twice as long.) */
export function ratesOver(steps: number, rate: (step: number) => number): Float64Array {
  const rates = new Float64Array(steps);
  for (let step = 0; step < steps; step++) rates[step] = rate(step);
  return rates;
}
