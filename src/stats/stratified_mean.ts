import { studentQuantile } from "./distributions.ts";
import { familyConfidence } from "./family.ts";
import { mean, sampleSd } from "./summary.ts";

export interface StratifiedOptions {
  /** Share of experiments in which all intervals of the family should hold; 0.95 if not given. */
  readonly confidence?: number;
  /** Intervals that are reported together; 1 if not given. */
  readonly family?: number;
  /**
   * The smallest change of one value, 1 for ranks. The interval is never narrower than what n equal values leave open:
   * ± this for a share of ln(2/α)/n of them. 0 if not given.
   */
  readonly step?: number;
}

/** The mean over groups of the groups' own means. */
export interface StratifiedMean {
  readonly mean: number;
  /** `null` where a group has fewer than two values. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Mean over settings, each of which counts the same, of values that scatter within them from seed to seed. The interval
 * is for other seeds in these very settings:
 *
 *     x̄ ± t(1 − α/2m; ν)·√(Σ vᵢ)/S,   vᵢ = sᵢ²/nᵢ,   ν = ⌊(Σ vᵢ)²/Σ(vᵢ²/(nᵢ − 1))⌋
 *
 * with Satterthwaite's degrees of freedom (1946), for settings scatter unequally, and m intervals that hold together.
 *
 * @param groups values by setting, one a seed.
 * @throws {RangeError} for no group or an empty one.
 *
 * @example Two settings with two seeds each
 * ```ts
 * import assert from "node:assert/strict";
 * import { stratifiedMean } from "#stats/stratified_mean.ts";
 *
 * const { mean, interval } = stratifiedMean([[1, 3], [4, 6]]);
 * assert.equal(mean, 3.5);
 * assert.deepEqual(interval!.map((end) => end.toFixed(2)), ["0.46", "6.54"]);
 * ```
 */
export function stratifiedMean(
  groups: readonly (readonly number[])[],
  { confidence = 0.95, family = 1, step = 0 }: StratifiedOptions = {},
): StratifiedMean {
  const centre = mean(groups.map(mean));
  if (groups.some(({ length }) => length < 2)) return { mean: centre, interval: null };
  const error = 1 - familyConfidence(family, confidence);
  const parts = groups.map((values) => ({ v: sampleSd(values) ** 2 / values.length, n: values.length }));
  const variance = parts.reduce((sum, { v }) => sum + v, 0);
  const squares = parts.reduce((sum, { v, n }) => sum + v * v / (n - 1), 0);
  const degrees = squares > 0 ? Math.max(1, Math.floor(variance * variance / squares)) : 1;
  const values = parts.reduce((sum, { n }) => sum + n, 0);
  const half = Math.max(
    studentQuantile(1 - error / 2, degrees) * Math.sqrt(variance) / groups.length,
    step * Math.log(2 / error) / values,
  );
  return { mean: centre, interval: [centre - half, centre + half] };
}
