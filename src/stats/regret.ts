import { random } from "#lib/prng.ts";
import { familyConfidence } from "./family.ts";
import { stratifiedMean } from "./stratified_mean.ts";
import { mean, quantile } from "./summary.ts";

/** How far a family stays behind the best family of each setting: its regret. */
export interface Regret {
  /** Mean over settings, against the family that the other seeds call best; never below 0. */
  readonly mean: number;
  /** Of that, for other seeds in these settings, all families together; `null` where a setting has one seed. */
  readonly interval: readonly [number, number] | null;
  /** Regret against the family with the best mean of each setting, 0 for that one. */
  readonly bySetting: readonly number[];
  /** Place of the setting in which the family stays behind most, and by how much, as in `bySetting`. */
  readonly worst: {
    readonly setting: number;
    readonly regret: number;
    readonly interval: readonly [number, number] | null;
  };
}

export interface RegretOptions {
  /** Share of experiments in which all intervals should hold; 0.95 if not given. */
  readonly confidence?: number;
  /** Seed of the resampling; 0 if not given. */
  readonly seed?: number;
  /** Resamples for the upper limits; 10,000 if not given. */
  readonly resamples?: number;
}

/** `[setting][family][seed]` */
type Scores = readonly (readonly (readonly number[])[])[];

/**
 * Regret of each family: the best true mean of a setting minus its own, its mean over settings and the worst of them.
 *
 * The best of many noisy means is too good, so the plain difference from it is too large: among twelve families that are
 * all alike, with three seeds, by 0.9 standard deviations of a run. Neither the bootstrap nor its correction for bias mends
 * that (docs/evidence.md). So both ends are bounded from the safe side:
 *
 * - Estimate and lower limit are cross-fitted: for each seed the best family is chosen by the other seeds, and compared
 *   on this one. No choice sees what it is measured by, and no family is better than the best, so the expected value is
 *   at most the true regret; the limit is Student's, over seeds within settings ({@link stratifiedMean}).
 * - The upper limit is the percentile of the whole computation, choice of the best included, with seeds resampled in each
 *   setting, the same for all families, and deviations widened by √(n/(n − 1)). The resampled best is too good once more,
 *   so it errs upwards.
 * - The worst setting's lower limit is that of the mean, or the highest of the settings' own, each at its share of the
 *   error and widened by √(1 + n/(n − 1)) (Nadeau and Bengio, 2003): within one setting a lucky leader is chosen for
 *   all seeds alike.
 *
 * Coverage is measured in docs/evidence.md.
 *
 * @param scores `scores[setting][family][seed]`, higher is better, in a unit that settings share ({@link gainShares});
 * failed runs have the score of guessing.
 * @throws {RangeError} for no setting, no family, or families of a setting with different numbers of seeds.
 *
 * @example The second family is best in the second setting alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { regrets } from "#stats/regret.ts";
 *
 * const [first, second] = regrets([[[1, 1], [0.5, 0.7]], [[0.9, 0.9], [1, 1]]]);
 * assert.equal(first!.mean.toFixed(2), "0.05");
 * assert.equal(second!.mean.toFixed(2), "0.20");
 * assert.deepEqual([first!.worst.setting, second!.worst.setting], [1, 0]);
 * ```
 */
export function regrets(
  scores: Scores,
  { confidence = 0.95, seed = 0, resamples = 10_000 }: RegretOptions = {},
): Regret[] {
  checkScores(scores);
  const count = scores[0]!.length;
  const plain = scores.map((families) => behindBest(families.map(mean)));
  const isCrossed = scores.every(([first]) => first!.length > 1);
  const error = 1 - familyConfidence(count, confidence);
  const crossed = isCrossed ? scores.map(crossFitted) : [];
  const upper = isCrossed ? upperLimits(scores, { tail: error / 2, seed, resamples }) : [];
  return Array.from({ length: count }, (_, family): Regret => {
    const bySetting = plain.map((setting) => setting[family]!);
    const setting = bySetting.indexOf(Math.max(...bySetting));
    const worst = { setting, regret: bySetting[setting]!, interval: null };
    if (!isCrossed) return { mean: mean(bySetting), interval: null, bySetting, worst };
    const own = crossed.map((families) => families[family]!);
    const { mean: fitted, interval } = stratifiedMean(own, { confidence, family: count });
    const low = Math.max(0, interval![0]);
    const lows = own.map((values) => lowerLimit(values, confidence, count * own.length));
    const { mean: high, worst: highest } = upper[family]!;
    return {
      mean: Math.max(0, fitted),
      interval: [low, Math.max(low, fitted, high)],
      bySetting,
      worst: { ...worst, interval: [Math.max(low, ...lows), Math.max(highest, worst.regret)] },
    };
  });
}

/**
 * Scores of a setting as shares of what its best family gains over guessing: 0 for guessing, 1 for the best mean. Settings
 * whose metrics differ can then be averaged.
 *
 * @param families `families[family][seed]`, higher is better; the loss negated where lower is.
 * @param guessing the score of guessing, in the same unit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gainShares } from "#stats/regret.ts";
 *
 * assert.deepEqual(gainShares([[0.9, 0.9], [0.5, 0.1]], 0.1), [[1, 1], [0.5, 0]]);
 * ```
 */
export function gainShares(families: readonly (readonly number[])[], guessing: number): number[][] {
  const gain = Math.max(...families.map(mean)) - guessing;
  // Where nothing beats guessing, nothing is lost either.
  return families.map((scores) => scores.map((score) => gain > 0 ? (score - guessing) / gain : 0));
}

/** `[family][seed]`: the family that the other seeds call best, minus this one. */
function crossFitted(families: readonly (readonly number[])[]): number[][] {
  const sums = families.map((scores) => scores.reduce((sum, score) => sum + score, 0));
  const chosen = families[0]!.map((_, seed) => {
    const rest = sums.map((sum, family) => sum - families[family]![seed]!);
    return rest.indexOf(Math.max(...rest));
  });
  return families.map((scores) => scores.map((score, seed) => families[chosen[seed]!]![seed]! - score));
}

/** Lower limit of one setting's cross-fitted regret. */
function lowerLimit(values: readonly number[], confidence: number, family: number): number {
  const { mean: centre, interval } = stratifiedMean([values], { confidence, family });
  return centre - Math.sqrt(1 + values.length / (values.length - 1)) * (centre - interval![0]);
}

function behindBest(means: readonly number[]): number[] {
  const best = Math.max(...means);
  return means.map((own) => best - own);
}

/** Upper limits of each family's mean and worst regret. */
function upperLimits(
  scores: Scores,
  { tail, seed, resamples }: { readonly tail: number; readonly seed: number; readonly resamples: number },
): { readonly mean: number; readonly worst: number }[] {
  const source = random(seed, "regret", scores.length, scores[0]!.length);
  const means = scores.map((families) => families.map(mean));
  const found = scores[0]!.map(() => ({
    mean: new Float64Array(resamples),
    worst: new Float64Array(resamples),
  }));
  for (let resample = 0; resample < resamples; resample++) {
    scores.forEach((families, setting) => {
      const count = families[0]!.length;
      const drawn = families[0]!.map(() => source.below(count));
      const widening = Math.sqrt(count / (count - 1));
      const redrawn = families.map((own, family) => {
        const centre = means[setting]![family]!;
        return centre + widening * (drawn.reduce((sum, place) => sum + own[place]!, 0) / count - centre);
      });
      behindBest(redrawn).forEach((regret, family) => {
        const { mean, worst } = found[family]!;
        mean[resample]! += regret / scores.length;
        worst[resample] = Math.max(worst[resample]!, regret);
      });
    });
  }
  return found.map(({ mean, worst }) => ({
    mean: quantile([...mean], 1 - tail),
    worst: quantile([...worst], 1 - tail),
  }));
}

function checkScores(scores: Scores): void {
  const families = scores[0]?.length ?? 0;
  if (families === 0) throw new RangeError("Cannot take regrets without a setting and a family");
  scores.forEach((setting, index) => {
    const seeds = setting[0]?.length ?? 0;
    if (setting.length !== families || seeds === 0 || setting.some(({ length }) => length !== seeds)) {
      throw new RangeError(
        `Cannot take regrets in setting ${index + 1}: every family needs a score for each of its seeds`,
      );
    }
  });
}
