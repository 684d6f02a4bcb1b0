import { checkConfidence } from "./confidence.ts";
import { studentQuantile } from "./distributions.ts";
import { familyConfidence } from "./family.ts";
import { type PairedDifference, verdictWord } from "./paired.ts";
import { skewnessReach } from "./skewness.ts";
import { mean, sampleSd } from "./summary.ts";

export interface UnpairedOptions {
  /** As of paired differences: the interval is never narrower than ± this much. 0 if not given. */
  readonly resolution?: number;
  /** As of paired differences: intervals end at ± this much. Infinity if not given. */
  readonly largest?: number;
  /** Comparisons that are reported together, this one among them; 1 if not given. */
  readonly family?: number;
  /** 0.95 if not given. */
  readonly confidence?: number;
  /** As of paired differences: the interval reaches further on the side of the longer tail. False if not given. */
  readonly allowsSkewness?: boolean;
}

export interface UnpairedDifference
  extends
    Pick<PairedDifference, "difference" | "interval" | "uncorrected" | "family" | "spread" | "verdict"> {
  /**
   * Standard deviation of the difference of one value of each sample, √(s₁² + s₂²): what paired differences would scatter
   * with if pairs had nothing in common; `null` where either sample has fewer than two values.
   */
  readonly spread: number | null;
}

/**
 * The difference of the means of two independent samples, arm minus against, with Welch's interval:
 *
 *     d ± t(1 − α/2m; ⌊ν⌋) · √(s₁²/n₁ + s₂²/n₂),   ν = (s₁²/n₁ + s₂²/n₂)² / Σ (sᵢ²/nᵢ)² / (nᵢ − 1)
 *
 * for m comparisons reported together. It is for runs that share no weights and no batches: what the seed itself does is
 * not left out, so it is wider than the interval of paired differences of the same runs mostly is.
 *
 * @param arm finite values, one a run.
 * @throws {RangeError} for a confidence outside (0, 1), a negative resolution, or a family below 1.
 * @see B. L. Welch, The generalization of Student's problem when several different population variances are involved,
 * Biometrika 34 (1947)
 *
 * @example Accuracies of runs that share neither weights nor batches
 * ```ts
 * import assert from "node:assert/strict";
 * import { unpairedDifference } from "#stats/unpaired.ts";
 *
 * const { interval, verdict } = unpairedDifference([0.71, 0.69, 0.72], [0.66, 0.65, 0.68]);
 * assert.deepEqual(interval!.map((end) => end.toFixed(3)), ["0.009", "0.078"]);
 * assert.equal(verdict, "higher");
 * ```
 */
export function unpairedDifference(
  arm: readonly number[],
  against: readonly number[],
  { resolution = 0, largest = Infinity, family = 1, confidence = 0.95, allowsSkewness = false }:
    UnpairedOptions = {},
): UnpairedDifference {
  if (!(resolution >= 0)) throw new RangeError(`Cannot use a resolution of ${resolution}: it must be >= 0`);
  if (!(Number.isInteger(family) && family >= 1)) {
    throw new RangeError(`Cannot correct for ${family} comparisons: it must be a whole number >= 1`);
  }
  checkConfidence(confidence);
  const difference = arm.length === 0 || against.length === 0 ? null : mean(arm) - mean(against);
  if (difference === null || arm.length < 2 || against.length < 2) {
    return {
      difference,
      interval: null,
      uncorrected: null,
      family,
      spread: null,
      verdict: "not enough runs",
    };
  }
  const around = (comparisons: number) => {
    const alone = familyConfidence(comparisons, confidence);
    const { reach, error } = halfWidth(arm, against, alone);
    // As paired differences: a mean of rounded readings has the error of evenly spread ones.
    const rounding = reach * resolution * Math.sqrt((1 / arm.length + 1 / against.length) / 12);
    const half = Math.max(resolution, rounding, error);
    const [down, up] = allowsSkewness ? skewnessReach([arm, against], alone) : [0, 0];
    return [Math.max(-largest, difference - half - down), Math.min(largest, difference + half + up)] as const;
  };
  const interval = around(family);
  return {
    difference,
    interval,
    uncorrected: around(1),
    family,
    spread: Math.hypot(sampleSd(arm), sampleSd(against)),
    verdict: verdictWord(interval),
  };
}

/** Student's quantile at Welch's degrees of freedom, and with it the half-width of the interval. */
function halfWidth(
  arm: readonly number[],
  against: readonly number[],
  confidence: number,
): { reach: number; error: number } {
  const parts = [arm, against].map((values) => ({
    variance: sampleSd(values) ** 2 / values.length,
    degrees: values.length - 1,
  }));
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const least = Math.min(...parts.map(({ degrees }) => degrees));
  const degrees = variance === 0
    ? least
    : variance ** 2 / parts.reduce((sum, part) => sum + part.variance ** 2 / part.degrees, 0);
  // Rounded down, as printed tables have been read ever since: on the side of the wider interval.
  const reach = studentQuantile((1 + confidence) / 2, Math.max(1, Math.floor(degrees + 1e-9)));
  return { reach, error: reach * Math.sqrt(variance) };
}
