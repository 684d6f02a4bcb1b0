/** The distance of a sample's distribution from a given one. */
export interface KolmogorovDistance {
  /** D = sup |F_n − F|, the Kolmogorov–Smirnov statistic. */
  readonly distance: number;
  /** Of the distance between F and the distribution that the sample is from, with 95 % confidence. */
  readonly interval: readonly [number, number];
  /** D of a sample from F itself exceeds this with probability 5 % at most. */
  readonly critical: number;
}

/**
 * The largest difference between a sample's distribution function and a given one that is continuous. By the inequality
 * of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990), P(sup |F_n − G| > ε) <= 2·exp(−2nε²) for a sample
 * from any G, so that the distance between G and F lies within ε of D. For large n the ε of 5 % is also the test's
 * critical value: 1.358/√n.
 *
 * @throws {RangeError} for an empty sample or a value that is not finite.
 *
 * @example Four values in the lower half against the uniform distribution
 * ```ts
 * import assert from "node:assert/strict";
 * import { kolmogorovDistance } from "#stats/kolmogorov.ts";
 *
 * const uniform = (x: number) => Math.min(1, Math.max(0, x));
 * const { distance, critical } = kolmogorovDistance(Float64Array.of(0.1, 0.2, 0.3, 0.4), uniform);
 * assert.equal(distance, 0.6);
 * assert.ok(distance < critical);
 * ```
 */
export function kolmogorovDistance(
  sample: Float64Array,
  cdf: (x: number) => number,
): KolmogorovDistance {
  const count = sample.length;
  if (count === 0 || !sample.every(Number.isFinite)) {
    throw new RangeError(`Cannot compare a distribution with ${count} values: finite ones are needed`);
  }
  const sorted = sample.toSorted();
  let distance = 0;
  for (let i = 0; i < count; i++) {
    const expected = cdf(sorted[i]!);
    distance = Math.max(distance, expected - i / count, (i + 1) / count - expected);
  }
  const critical = Math.sqrt(Math.log(2 / 0.05) / (2 * count));
  return {
    distance,
    critical,
    interval: [Math.max(0, distance - critical), Math.min(1, distance + critical)],
  };
}
