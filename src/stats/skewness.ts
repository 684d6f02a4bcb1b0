import { normalQuantile } from "./distributions.ts";
import { mean, sampleSd } from "./summary.ts";

/** Few values show half of their population's skewness: three to ten of an exponential one 0.7 to 1.35 of 2. */
const SHOWN = 1 / 2;

/**
 * Distances by which an interval of a difference of means has to reach further down and up, so that skewness of the values does not
 * take it off the true one. The first term of Edgeworth's series for the studentised mean, on the side of the longer tail
 * alone, with the skewness doubled that so few values show:
 *
 *     2 · (1 + 2z²)/6 · κ₃/SE²,   κ₃ = Σ ±k₃/n²,   SE² = Σ s²/n,   z = z(1 − α/2)
 *
 * k₃ is the unbiased third central moment of a sample. It falls as 1/n, where Student's half-width falls as 1/√n.
 *
 * @param samples one of differences, or two of which the second is taken from the first.
 * @returns both >= 0; 0 and 0 where a sample has fewer than three values, or nothing varies.
 * @see N. J. Johnson, Modified t tests and confidence intervals for asymmetrical populations, JASA 73 (1978)
 *
 * @example One of five differences is far lower
 * ```ts
 * import assert from "node:assert/strict";
 * import { skewnessReach } from "#stats/skewness.ts";
 *
 * const [down, up] = skewnessReach([[0.02, 0.03, 0.025, 0.03, -0.03]], 0.95);
 * assert.deepEqual([down.toFixed(4), up], ["0.0309", 0]);
 * assert.deepEqual(skewnessReach([[0.01, 0.02, 0.03]], 0.95), [0, 0]);
 * ```
 */
export function skewnessReach(
  samples: readonly (readonly number[])[],
  confidence: number,
): readonly [down: number, up: number] {
  if (samples.some(({ length }) => length < 3)) return [0, 0];
  const variance = samples.reduce((sum, values) => sum + sampleSd(values) ** 2 / values.length, 0);
  if (!(variance > 0)) return [0, 0];
  const third = samples.reduce(
    (sum, values, at) => sum + (at === 0 ? 1 : -1) * thirdMoment(values) / values.length ** 2,
    0,
  );
  const z = normalQuantile((1 + confidence) / 2);
  const reach = ((1 + 2 * z * z) / 6) * third / variance / SHOWN;
  // Rounding of equal distances is no skewness.
  if (Math.abs(reach) < 1e-9 * Math.sqrt(variance)) return [0, 0];
  return reach < 0 ? [-reach, 0] : [0, reach];
}

/** The unbiased third central moment, n/((n − 1)(n − 2)) · Σ(x − x̄)³. */
function thirdMoment(values: readonly number[]): number {
  const count = values.length;
  const centre = mean(values);
  return (count / ((count - 1) * (count - 2))) *
    values.reduce((sum, value) => sum + (value - centre) ** 3, 0);
}
