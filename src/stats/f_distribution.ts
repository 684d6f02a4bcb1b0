/** Terms of the continued fraction before it is given up; it needs a few times the root of the larger parameter. */
const MOST_TERMS = 1000;

/**
 * Upper tail of Fisher's distribution, P(F > f), with ν₁ and ν₂ degrees of freedom: the regularised incomplete beta
 * function I_x(ν₂/2, ν₁/2) at x = ν₂/(ν₂ + ν₁f).
 *
 * @throws {RangeError} for degrees of freedom that are not whole numbers >= 1.
 *
 * @example The 5 % point of F(4, 20)
 * ```ts
 * import assert from "node:assert/strict";
 * import { fisherTail } from "#stats/f_distribution.ts";
 *
 * assert.equal(fisherTail(2.8661, 4, 20).toFixed(4), "0.0500");
 * ```
 */
export function fisherTail(f: number, numerator: number, denominator: number): number {
  for (const degrees of [numerator, denominator]) {
    if (!(Number.isInteger(degrees) && degrees >= 1)) {
      throw new RangeError(`Cannot use ${degrees} degrees of freedom: it must be a whole number >= 1`);
    }
  }
  if (!(f > 0)) return 1;
  if (f === Infinity) return 0;
  return incompleteBeta(denominator / (denominator + numerator * f), denominator / 2, numerator / 2);
}

/** I_x(a, b) for whole and half a and b. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean; above it the other tail does.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return front * betaFraction(x, a, b) / a;
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const coefficient = (term: number) => {
    const m = term >> 1;
    return term % 2 === 0
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
  };
  let [above, below, value] = [1, 0, 1];
  for (let term = 1; term < MOST_TERMS; term++) {
    const d = coefficient(term);
    below = 1 / (1 + d * below);
    above = 1 + d / above;
    value *= above * below;
    if (Math.abs(above * below - 1) < 1e-15) break;
  }
  return 1 / value;
}

/** ln Γ of a whole or half number above 0, by its recurrence. */
function logGamma(value: number): number {
  let [at, sum] = Number.isInteger(value) ? [1, 0] : [0.5, Math.log(Math.PI) / 2];
  for (; at < value; at++) sum += Math.log(at);
  return sum;
}
