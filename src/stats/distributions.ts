/**
 * Standard normal distribution function Φ(x) = P(Z <= x), by the series of Marsaglia (2004):
 * Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …). Absolute error below 1e-15; 0 or 1 beyond |x| = 9.
 *
 * @example About 97.5 % of a normal population lies below 1.96
 * ```ts
 * import assert from "node:assert/strict";
 * import { normalCdf } from "#stats/distributions.ts";
 *
 * assert.equal(normalCdf(0), 0.5);
 * assert.equal(normalCdf(1.96).toFixed(4), "0.9750");
 * ```
 */
export function normalCdf(x: number): number {
  if (x < -9) return 0;
  if (x > 9) return 1;
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-x * x / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * Student's distribution function P(T <= t) with a whole number of degrees of freedom ν, by its finite sums
 * (Abramowitz and Stegun 26.7.3 and 26.7.4).
 *
 * @throws {RangeError} for a ν that is not a whole number >= 1.
 *
 * @example With 3 degrees of freedom the tail beyond 2.353 holds 5 %
 * ```ts
 * import assert from "node:assert/strict";
 * import { studentCdf } from "#stats/distributions.ts";
 *
 * assert.equal((1 - studentCdf(2.353, 3)).toFixed(4), "0.0500");
 * ```
 */
export function studentCdf(t: number, degrees: number): number {
  checkDegrees(degrees);
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine2 = degrees / (degrees + t * t);
  const odd = degrees % 2 === 1;
  // P(|T| <= t) is sin θ·(1 + 1/2 cos²θ + (1·3)/(2·4) cos⁴θ + …) for even ν; for odd ν the sum starts at cos θ and
  // its fractions are 2/3, (2·4)/(3·5), …
  let term = odd ? Math.sqrt(cosine2) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= cosine2 * ((k - 1) / k);
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return (1 + inside) / 2;
}

/**
 * The z with Φ(z) = p.
 *
 * @throws {RangeError} for a p outside (0, 1).
 *
 * @example The two-sided 95 % point
 * ```ts
 * import assert from "node:assert/strict";
 * import { normalQuantile } from "#stats/distributions.ts";
 *
 * assert.equal(normalQuantile(0.975).toFixed(6), "1.959964");
 * ```
 */
export function normalQuantile(probability: number): number {
  return invert(normalCdf, probability);
}

/**
 * The t with P(T <= t) = p, for a whole number of degrees of freedom.
 *
 * @throws {RangeError} for a p outside (0, 1) or a ν that is not a whole number >= 1.
 *
 * @example The same with 3 degrees of freedom, as for four paired seeds
 * ```ts
 * import assert from "node:assert/strict";
 * import { studentQuantile } from "#stats/distributions.ts";
 *
 * assert.equal(studentQuantile(0.975, 3).toFixed(4), "3.1824");
 * ```
 */
export function studentQuantile(probability: number, degrees: number): number {
  checkDegrees(degrees);
  return invert((t) => studentCdf(t, degrees), probability);
}

/**
 * Chi-square distribution function P(X <= x) with a whole number of degrees of freedom ν, by its finite sums
 * (Abramowitz and Stegun 26.4.4 and 26.4.5).
 *
 * @throws {RangeError} for a ν that is not a whole number >= 1.
 *
 * @example The 5 % point of one degree of freedom is 1.96²
 * ```ts
 * import assert from "node:assert/strict";
 * import { chiSquareCdf } from "#stats/distributions.ts";
 *
 * assert.equal(chiSquareCdf(1.96 ** 2, 1).toFixed(3), "0.950");
 * ```
 */
export function chiSquareCdf(x: number, degrees: number): number {
  checkDegrees(degrees);
  if (!(x > 0)) return 0;
  const odd = degrees % 2 === 1;
  const root = Math.sqrt(x);
  // Even ν: Q = e^(−x/2)·Σ (x/2)^k/k!, k < ν/2. Odd ν: Q = 2(1 − Φ(√x)) + 2φ(√x)·(√x + x√x/3 + x²√x/(3·5) + …).
  let term = odd ? (2 * root * Math.exp(-x / 2)) / Math.sqrt(2 * Math.PI) : Math.exp(-x / 2);
  let above = odd ? 2 * normalCdf(-root) : 0;
  for (let k = odd ? 1 : 0; k < degrees - (odd ? 1 : 0); k += 2) {
    above += term;
    term *= x / (k + 2);
  }
  return Math.max(0, 1 - above);
}

/**
 * The x with P(X <= x) = p under the chi-square distribution.
 *
 * @throws {RangeError} for a p outside (0, 1) or a ν that is not a whole number >= 1.
 *
 * @example With two degrees of freedom it is −2·ln(1 − p)
 * ```ts
 * import assert from "node:assert/strict";
 * import { chiSquareQuantile } from "#stats/distributions.ts";
 *
 * assert.ok(Math.abs(chiSquareQuantile(0.95, 2) + 2 * Math.log(0.05)) < 1e-12);
 * ```
 */
export function chiSquareQuantile(probability: number, degrees: number): number {
  checkDegrees(degrees);
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`Cannot take a quantile at ${probability}: it must lie between 0 and 1`);
  }
  let high = degrees;
  while (chiSquareCdf(high, degrees) < probability) high *= 2;
  let low = 0;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (chiSquareCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Bisection between bounds that are doubled until they hold the answer; to the last bit but one or two. */
function invert(cdf: (x: number) => number, probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`Cannot take a quantile at ${probability}: it must lie between 0 and 1`);
  }
  if (probability === 0.5) return 0;
  // Both distributions are symmetric about 0; the lower half keeps the digits of a small tail.
  if (probability > 0.5) return -invert(cdf, 1 - probability);
  let low = -1;
  while (cdf(low) > probability) low *= 2;
  let high = 0;
  for (let i = 0; i < 200 && high - low > 1e-15 * -low; i++) {
    const middle = (low + high) / 2;
    if (cdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function checkDegrees(degrees: number): void {
  if (!(Number.isInteger(degrees) && degrees >= 1)) {
    throw new RangeError(`Cannot use ${degrees} degrees of freedom: it must be a whole number >= 1`);
  }
}
