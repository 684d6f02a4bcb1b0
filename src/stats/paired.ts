import { checkConfidence } from "./confidence.ts";
import { studentQuantile } from "./distributions.ts";
import { familyConfidence } from "./family.ts";
import { skewnessReach } from "./skewness.ts";
import { mean, sampleSd } from "./summary.ts";

export interface PairedOptions {
  /** Share of experiments in which all intervals of the family should hold; 0.95 if not given. */
  readonly confidence?: number;
  /**
   * The smallest difference that the measurement can show: 1/2000 for accuracy on 2,000 images, the steps between
   * two evaluations for steps to a target. The interval is never narrower than ± this much, nor than the rounding of
   * both readings alone would make it (see {@link roundingFloor}), so that two or three equal readings don't pass for
   * certainty. 0 if not given.
   */
  readonly resolution?: number;
  /**
   * True for whole numbers that are counted, not rounded, such as restarts of a run. The interval is never narrower than
   * what n equal counts leave open: runs that differ by one, as rare as a share of ln(2/α)/n ("rule of three"). False if
   * not given; `resolution` is then of no use.
   */
  readonly counted?: boolean;
  /** The largest difference that there can be, 1 for a share: intervals end there. Infinity if not given. */
  readonly largest?: number;
  /** Comparisons that are reported together, this one among them; the interval is widened for them. 1 if not given. */
  readonly family?: number;
  /**
   * True where the differences may be skewed, as against an arm that ends low now and then: few seeds don't show it, so
   * Student's quantile is taken at half of the degrees of freedom. False if not given.
   */
  readonly skewed?: boolean;
  /**
   * True for an interval that reaches further on the side of the longer tail, by {@link skewnessReach}: for few runs of
   * which nobody knows how they scatter. False if not given.
   */
  readonly allowsSkewness?: boolean;
}

/** The mean of arm minus against over the seeds that both have. */
export interface PairedDifference {
  readonly difference: number | null;
  /** So wide that all intervals of the family hold together with the wanted confidence. */
  readonly interval: readonly [number, number] | null;
  /** The interval of this comparison alone. */
  readonly uncorrected: readonly [number, number] | null;
  /** Comparisons that the interval was widened for. */
  readonly family: number;
  /** Pairs that went into it. */
  readonly seeds: number;
  /** Seeds of either arm without a finite value in both: diverged, stopped, or target never reached. */
  readonly dropped: readonly number[];
  /** Sample standard deviation of the differences; `null` with fewer than two pairs. */
  readonly spread: number | null;
  readonly verdict:
    | "higher"
    | "lower"
    | "no difference that matters"
    | "no detectable difference"
    | "not enough runs";
}

/**
 * Compares two arms over the seeds they share. Runs of one seed start from the same weights and see the same batches,
 * so the differences d = arm − against within seeds leave out what the seed itself does. Their mean has Student's
 * interval, at the error that each of m comparisons reported together may have (Bonferroni):
 *
 *     d̄ ± t(1 − α/2m; n − 1) · s/√n
 *
 * It was taken before sharper ones that hold less: `docs/evidence.md` has the coverage of each, measured on simulated
 * and on recorded runs.
 *
 * The verdict is `higher` or `lower` where the interval excludes zero, `not enough runs` with fewer than two pairs.
 * Pairs that drop out are listed, never guessed: where one arm's runs diverged, what is left speaks for the survivors.
 *
 * @param arm value of each seed; `null` or NaN where the run has none.
 * @throws {RangeError} for a confidence outside (0, 1), a negative resolution, or a family below 1.
 *
 * @example Accuracy of two arms over three seeds; the fourth diverged in one of them
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedDifference } from "#stats/paired.ts";
 *
 * const cosine = new Map([[1, 0.71], [2, 0.69], [3, 0.72], [4, null]]);
 * const constant = new Map([[1, 0.66], [2, 0.65], [3, 0.68], [4, 0.60]]);
 * const { difference, interval, dropped, verdict } = pairedDifference(cosine, constant, { family: 2 });
 * assert.equal(difference!.toFixed(3), "0.043");
 * assert.deepEqual(interval!.map((end) => end.toFixed(3)), ["0.023", "0.064"]);
 * assert.deepEqual(dropped, [4]);
 * assert.equal(verdict, "higher");
 * ```
 */
export function pairedDifference(
  arm: ReadonlyMap<number, number | null>,
  against: ReadonlyMap<number, number | null>,
  options: PairedOptions = {},
): PairedDifference {
  const { resolution = 0, counted = false, largest = Infinity, family = 1, confidence = 0.95 } = options;
  if (!(resolution >= 0)) throw new RangeError(`Cannot use a resolution of ${resolution}: it must be >= 0`);
  const differences: number[] = [];
  const dropped: number[] = [];
  for (const seed of [...new Set([...arm.keys(), ...against.keys()])].sort((a, b) => a - b)) {
    const difference = (arm.get(seed) ?? NaN) - (against.get(seed) ?? NaN);
    if (Number.isFinite(difference)) differences.push(difference);
    else dropped.push(seed);
  }
  const seeds = differences.length;
  const difference = seeds === 0 ? null : mean(differences);
  checkConfidence(confidence);
  const unknown = { difference, interval: null, uncorrected: null, family, seeds, dropped } as const;
  if (difference === null || seeds < 2) return { ...unknown, spread: null, verdict: "not enough runs" };
  const spread = sampleSd(differences);
  const around = (comparisons: number) => {
    const alone = familyConfidence(comparisons, confidence);
    const degrees = options.skewed ? Math.max(1, Math.floor((seeds - 1) / 2)) : seeds - 1;
    const reach = studentQuantile((1 + alone) / 2, degrees);
    const floor = counted ? countingFloor(seeds, alone) : roundingFloor(resolution, seeds, reach);
    const half = Math.max(reach * spread / Math.sqrt(seeds), floor);
    const [down, up] = options.allowsSkewness ? skewnessReach([differences], alone) : [0, 0];
    return [Math.max(-largest, difference - half - down), Math.min(largest, difference + half + up)] as const;
  };
  const interval = around(family);
  // "Between −100 and 100 points" says nothing.
  if (interval[0] <= -largest && interval[1] >= largest) {
    return { ...unknown, spread, verdict: "not enough runs" };
  }
  return {
    difference,
    interval,
    uncorrected: around(1),
    family,
    seeds,
    dropped,
    spread,
    verdict: verdictWord(interval),
  };
}

/**
 * Words for the interval of a difference.
 *
 * @param margin a difference up to this, either way, does not matter.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { verdictWord } from "#stats/paired.ts";
 *
 * assert.equal(verdictWord([0.1, 0.4]), "higher");
 * assert.equal(verdictWord([-0.1, 0.4]), "no detectable difference");
 * assert.equal(verdictWord([-0.1, 0.4], 0.5), "no difference that matters");
 * ```
 */
export function verdictWord(
  [low, high]: readonly [number, number],
  margin = 0,
): Exclude<PairedDifference["verdict"], "not enough runs"> {
  if (low > 0) return "higher";
  if (high < 0) return "lower";
  return low > -margin && high < margin ? "no difference that matters" : "no detectable difference";
}

/**
 * The least half-width over `count` differences of readings that are rounded to `resolution`. Each of the two readings
 * is off by up to a step, evenly, so their difference has a standard deviation of at least resolution/√6, however equal
 * the differences look: t(1 − α/2; n − 1) · resolution/√(6n), and no less than the resolution itself.
 */
function roundingFloor(resolution: number, count: number, quantile: number): number {
  return resolution * Math.max(1, quantile / Math.sqrt(6 * count));
}

/** The largest mean of rare single counts that `count` runs without one leave open: (1 − p)ⁿ = α/2 gives p ≤ ln(2/α)/n. */
function countingFloor(count: number, confidence: number): number {
  return Math.log(2 / (1 - confidence)) / count;
}
