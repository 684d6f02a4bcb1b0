/** Terms and fractions beyond what 64 bits need for any argument. */
const MOST_TERMS = 200;

/**
 * The error function 2/√π ∫₀ˣ e^(−t²) dt, to about 2 units in the last place: below 3 by the series
 * 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 ⋯ (2n + 1)), whose terms are all positive; above by the continued fraction of its
 * complement (Abramowitz and Stegun, 7.1.6 and 7.1.14).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { erf } from "#lib/erf.ts";
 *
 * assert.equal(erf(0), 0);
 * assert.ok(Math.abs(erf(0.5) - 0.5204998778130465) < 1e-15);
 * assert.ok(Math.abs(erf(-3.5) + 0.9999992569016276) < 1e-15);
 * ```
 */
export function erf(x: number): number {
  if (Math.abs(x) >= 3) return Math.sign(x) * (1 - complement(Math.abs(x)));
  let term = x;
  let sum = x;
  for (let n = 1; n < MOST_TERMS && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** erfc x = e^(−x²) / √π · 1 / (x + ½ / (x + 1 / (x + 1½ / (x + …)))), from its end on. */
function complement(x: number): number {
  let rest = x;
  for (let n = MOST_TERMS; n > 0; n--) rest = x + n / 2 / rest;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / rest;
}
