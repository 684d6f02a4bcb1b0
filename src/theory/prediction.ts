import {
  bestBase,
  boundAt,
  type BoundTerms,
  boundTerms,
  linearTerms,
  peakOf,
  ratesOver,
} from "./convex_bound.ts";

/** The convex bound of a schedule, against linear decay over the same steps. Rates are peaks: γ* times the largest η. */
export interface Prediction {
  /** Steps up to the last one with a rate above 0. */
  readonly steps: number;
  /** The bound at the best peak rate, in units of DG. */
  readonly bound: number;
  /** The best peak rate, in units of D/G. */
  readonly bestRate: number;
  /** The bound, as a multiple of linear decay's over the same number of steps. */
  readonly boundRatio: number;
  /** The best peak rate, as a multiple of linear decay's. */
  readonly rateRatio: number;
}

/**
 * The bound of rates of a run, and the ratio to linear decay over `length` steps.
 *
 * @param length steps in the run; the number of rates if not given.
 * @returns `null` where no rate is above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { linearDecay } from "#theory/convex_bound.ts";
 * import { predict } from "#theory/prediction.ts";
 *
 * const { boundRatio, rateRatio } = predict(new Float64Array(1000).fill(0.1))!;
 * assert.equal(boundRatio.toFixed(2), "1.45");
 * assert.equal(rateRatio.toFixed(2), "0.34");
 * assert.equal(predict(linearDecay(50))!.boundRatio.toFixed(12), "1.000000000000");
 * ```
 */
export function predict(rates: Float64Array, length = rates.length): Prediction | null {
  const terms = boundTerms(rates);
  if (terms === null) return null;
  const { base, bound } = bestBase(terms);
  const linear = bestBase(linearTerms(length));
  const bestRate = base * peakOf(rates);
  return {
    steps: terms.steps,
    bound,
    bestRate,
    boundRatio: bound / linear.bound,
    rateRatio: bestRate / linear.base,
  };
}

/** The bound of the iterate at some steps of a run. */
export interface BoundCurve {
  /** Steps done, ascending. */
  readonly steps: readonly number[];
  /** The bound after so many steps, in units of DG. */
  readonly bounds: readonly number[];
}

/** Points of a curve. Each costs a pass over the steps before it, so all together as much as fifty passes over the run. */
const POINTS = 100;

/**
 * The bound over the run, of each horizon up to its end, at the one base rate that is best for the whole run. Horizons are
 * spread evenly, and each value is exact.
 */
export function boundCurve(rates: Float64Array): BoundCurve {
  const whole = boundTerms(rates);
  if (whole === null) return { steps: [], bounds: [] };
  const { base } = bestBase(whole);
  const points = Math.min(POINTS, rates.length);
  const steps: number[] = [];
  const bounds: number[] = [];
  for (let point = 1; point <= points; point++) {
    const step = Math.round(point * rates.length / points);
    const terms: BoundTerms | null = boundTerms(rates, { steps: step });
    if (terms === null) continue;
    steps.push(step);
    bounds.push(boundAt(terms, base));
  }
  return { steps, bounds };
}

/** The rates with a linear cooldown to zero over the last `share` of the run: each is multiplied by what is left of it. */
export function withCooldown(rates: Float64Array, share: number): Float64Array {
  const cooldown = share * rates.length;
  return ratesOver(rates.length, (step) => rates[step]! * Math.min(1, (rates.length - step) / cooldown));
}

/** The rates lifted in proportion so that they lie between `floor` of the peak and the peak: η + floor·(peak − η). */
export function withFloor(rates: Float64Array, floor: number): Float64Array {
  const peak = peakOf(rates);
  return ratesOver(rates.length, (step) => rates[step]! + floor * (peak - rates[step]!));
}
