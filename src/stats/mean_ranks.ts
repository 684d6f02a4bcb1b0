import { blockRanks, criticalDifference, type Friedman, friedman, unseparated } from "./friedman.ts";
import { stratifiedMean } from "./stratified_mean.ts";
import { mean } from "./summary.ts";

/** A family's rank over settings. */
export interface MeanRank {
  /** Mean over settings of the mean rank of its runs among those with the same seed; 1 is the best. */
  readonly rank: number;
  /** For other seeds in these settings, all families together; `null` where a setting has one seed. */
  readonly interval: readonly [number, number] | null;
  /** Its mean rank in each setting. */
  readonly bySetting: readonly number[];
}

export interface RankComparison {
  readonly families: readonly MeanRank[];
  /** Friedman's test with settings as blocks; `null` with one setting, or where all families rank alike. */
  readonly test: Friedman | null;
  /** Nemenyi's; `null` without a test. */
  readonly criticalDifference: number | null;
  /** Families that the settings do not separate, as places, the best first; all of them without a test. */
  readonly groups: readonly (readonly number[])[];
  /** Places of families that the critical difference puts behind the one with the best mean rank. */
  readonly behind: readonly number[];
  /** Places of families that come behind that one with other seeds too, in these very settings. */
  readonly behindHere: readonly number[];
}

/**
 * Families ranked by their runs. Runs with the same seed are ranked in each setting, failures last and tied; a family's
 * mean rank is the mean over settings of the mean over seeds: 1 plus the number of other families that are expected to
 * beat it. So it is a mean, its interval one of means ({@link stratifiedMean}), and close families don't bias it, as they
 * bias the rank of a mean.
 *
 * Settings are the blocks of Friedman's test and of the critical difference: seeds of one setting are no evidence about
 * another. Without seeds both are as in the books; the mean over seeds only lowers the variance that they take. What
 * other seeds would show in these very settings is a question of its own: there a family is behind the best one where the
 * interval of their difference lies above 0, at Bonferroni's share of all pairs, for the best was picked by the same runs.
 *
 * @param scores `scores[setting][family][seed]`, higher is better, `null` for a run that failed; families of a setting
 * share its seeds.
 * @throws {RangeError} for no setting, fewer than two families, or families of a setting with different numbers of seeds.
 *
 * @example The third family always comes last in two settings with two seeds
 * ```ts
 * import assert from "node:assert/strict";
 * import { meanRanks } from "#stats/mean_ranks.ts";
 *
 * const { families } = meanRanks([[[0.9, 0.7], [0.8, 0.8], [0.1, null]], [[5, 5], [4, 5], [3, 3]]]);
 * assert.deepEqual(families.map(({ rank }) => rank), [1.375, 1.625, 3]);
 * ```
 */
export function meanRanks(
  scores: readonly (readonly (readonly (number | null)[])[])[],
  confidence = 0.95,
): RankComparison {
  const count = scores[0]?.length ?? 0;
  checkScores(scores, count);
  const ranked = scores.map(seedRanks);
  const families = Array.from({ length: count }, (_, family): MeanRank => {
    const own = ranked.map((setting) => setting.map((ranks) => ranks[family]!));
    const { mean: rank, interval } = stratifiedMean(own, { confidence, family: count, step: 1 });
    return { rank, interval: interval && within(interval, 1, count), bySetting: own.map(mean) };
  });
  const places = families.map((_, place) => place);
  const ranks = families.map(({ rank }) => rank);
  const best = ranks.indexOf(Math.min(...ranks));
  const family = count * (count - 1) / 2;
  const behindHere = places.filter((place) => {
    const differences = ranked.map((setting) => setting.map((own) => own[place]! - own[best]!));
    const { interval } = stratifiedMean(differences, { confidence, family, step: 1 });
    return interval !== null && interval[0] > 0;
  });
  const blocks = scores.map((_, setting) => families.map(({ bySetting }) => bySetting[setting]!));
  const test = blocks.length < 2 ? null : friedman(blocks);
  if (test === null) {
    return { families, test, criticalDifference: null, groups: [places], behind: [], behindHere };
  }
  const { variance, blocks: settings } = test;
  const difference = criticalDifference({ treatments: count, blocks: settings, variance }, confidence);
  return {
    families,
    test,
    criticalDifference: difference,
    groups: unseparated(ranks, difference),
    behind: places.filter((place) => ranks[place]! - ranks[best]! >= difference),
    behindHere,
  };
}

/** `[seed][family]` */
function seedRanks(families: readonly (readonly (number | null)[])[]): number[][] {
  return families[0]!.map((_, seed) => blockRanks(families.map((scores) => scores[seed]!)));
}

function within([low, high]: readonly [number, number], least: number, most: number): [number, number] {
  return [Math.max(least, low), Math.min(most, high)];
}

function checkScores(scores: readonly (readonly (readonly unknown[])[])[], families: number): void {
  if (scores.length === 0 || families < 2) {
    throw new RangeError(
      `Cannot rank ${families} families in ${scores.length} settings: 2 families in 1 setting at least`,
    );
  }
  scores.forEach((setting, index) => {
    const seeds = setting[0]?.length ?? 0;
    if (setting.length !== families || seeds === 0 || setting.some(({ length }) => length !== seeds)) {
      throw new RangeError(
        `Cannot rank setting ${index + 1}: every family needs a score for each of its seeds`,
      );
    }
  });
}
