import type { BenchmarkScores, SettingScores } from "#results/benchmark_scores.ts";
import { bestRegion } from "#stats/best_region.ts";
import { meanRanks, type RankComparison } from "#stats/mean_ranks.ts";
import { type RateLoss, rateLoss, type RatePair } from "#stats/rate_robustness.ts";
import { gainShares, type Regret, regrets } from "#stats/regret.ts";
import { pairedDifference } from "#stats/paired.ts";
import { mean } from "#stats/summary.ts";
import {
  chosenOf,
  figuresAt,
  guessingScore,
  meanScore,
  rateBeside,
  type SettingFigures,
} from "./setting_figures.ts";

/** A family in one setting, at the rate that tuning chose. */
export interface Standing {
  /** Mean metric of the runs, failed ones as guessing: accuracy (a share), or perplexity. */
  readonly metric: number;
  /** Of the metric, this setting alone; `null` with one seed. */
  readonly interval: readonly [number, number] | null;
  readonly failed: number;
  readonly runs: number;
  readonly rate: number | null;
  /** True where the chosen rate is the smallest or the largest that was tried. */
  readonly atEdge: boolean;
  /** Regret against the setting's best family, as a share of what that one gains over guessing. */
  readonly regret: number;
  /** True where the family is not detectably worse than the setting's best one; false where a run failed. */
  readonly isWithin: boolean;
}

/** What another rate costs a family, in shares of gains over guessing. */
export interface Robustness extends RateLoss {
  readonly factor: number;
  /** Settings whose grid has the other rate. */
  readonly settings: number;
}

export interface FamilyStanding {
  readonly name: string;
  readonly regret: Regret;
  readonly settings: readonly Standing[];
  /** One for each factor that any setting has beside its chosen rate. */
  readonly robustness: readonly Robustness[];
}

/** Ranks among settings that have something in common: `1×`, `gpt`. */
export interface RankSlice {
  readonly label: string;
  readonly settings: number;
  readonly ranks: RankComparison;
}

/** What the scores of a benchmark say of its families. Places of families are those of the scores. */
export interface Standings {
  /** Those of a workload side by side, the shortest first. */
  readonly settings: readonly SettingScores[];
  readonly families: readonly FamilyStanding[];
  readonly ranks: RankComparison;
  readonly byLength: readonly RankSlice[];
  readonly byWorkload: readonly RankSlice[];
  /** Places of families by mean rank, the best first. */
  readonly order: readonly number[];
}

/** Rates beside the chosen one that robustness looks at. */
const FACTORS = [0.5, 2] as const;

/**
 * Ranks, regrets and robustness of the families in the settings that are finished.
 *
 * @returns `null` where no setting is finished, or there is one family alone.
 */
export function standingsOf(
  { families, settings: measured }: Pick<BenchmarkScores, "families" | "settings">,
): Standings | null {
  if (measured.length === 0 || families.length < 2) return null;
  const settings = [...Map.groupBy(measured, ({ workload }) => workload).values()]
    .flatMap((own) => own.toSorted((a, b) => a.length - b.length));
  const figures = settings.map((setting) =>
    setting.families.map((family) => figuresAt(chosenOf(family), setting))
  );
  const shares = settings.map((setting, index) => sharesOf(figures[index]!, setting));
  const regret = regrets(shares);
  const standings = settings.map((setting, index) =>
    settingStandings(setting, figures[index]!, shares[index]!)
  );
  const ranks = ranksOf(figures);
  return {
    settings,
    families: families.map(({ name }, place): FamilyStanding => ({
      name,
      regret: regret[place]!,
      settings: standings.map((setting) => setting[place]!),
      robustness: FACTORS.flatMap((factor) => robustness(settings, place, factor, families.length)),
    })),
    ranks,
    byLength: slices(settings, figures, ({ length }) => `${length}×`),
    byWorkload: slices(settings, figures, ({ workload }) => workload),
    order: ranks.families.map((_, place) => place)
      .sort((a, b) => ranks.families[a]!.rank - ranks.families[b]!.rank),
  };
}

const ranksOf = (figures: readonly (readonly SettingFigures[])[]) =>
  meanRanks(figures.map((setting) => setting.map(({ scores }) => scores)));

/** Scores by family and seed as shares of the best family's gain, failed runs as guessing. */
function sharesOf(figures: readonly SettingFigures[], setting: SettingScores): number[][] {
  const guessing = guessingScore(setting);
  return gainShares(figures.map(({ scores }) => scores.map((score) => score ?? guessing)), guessing);
}

function settingStandings(
  setting: SettingScores,
  figures: readonly SettingFigures[],
  shares: readonly (readonly number[])[],
): Standing[] {
  const { cells } = bestRegion(figures.map(({ scores }) => scores));
  const means = shares.map(mean);
  const best = Math.max(...means);
  return setting.families.map((family, place): Standing => {
    const test = chosenOf(family)?.test.map((value) => value ?? setting.guessing) ??
      setting.seeds.map(() => setting.guessing);
    return {
      metric: mean(test),
      interval: meanInterval(test),
      failed: figures[place]!.failed,
      runs: setting.seeds.length,
      rate: family.chosen,
      atEdge: family.at_edge,
      regret: best - means[place]!,
      isWithin: cells[place]!.within,
    };
  });
}

/** Student's interval of a mean. */
function meanInterval(values: readonly number[]): readonly [number, number] | null {
  const bySeed = new Map(values.map((value, seed) => [seed, value]));
  return pairedDifference(bySeed, new Map(values.map((_, seed) => [seed, 0]))).uncorrected;
}

function robustness(
  settings: readonly SettingScores[],
  place: number,
  factor: number,
  family: number,
): Robustness[] {
  const pairs = settings.flatMap((setting): RatePair[] => {
    const own = setting.families[place]!;
    const [rate, beside] = [chosenOf(own), rateBeside(own, factor)];
    if (rate === undefined || beside === undefined) return [];
    const guessing = guessingScore(setting);
    // In shares of the best family's gain, as regret is.
    const best = Math.max(
      ...setting.families.map((one) => meanScore(figuresAt(chosenOf(one), setting), guessing)),
    );
    const gain = best > guessing ? best - guessing : 1;
    const shares = (at: typeof rate) =>
      figuresAt(at, setting).scores.map((score) => score === null ? null : (score - guessing) / gain);
    return [{ chosen: shares(rate), other: shares(beside), guessing: 0 }];
  });
  if (pairs.length === 0) return [];
  return [{ factor, settings: pairs.length, ...rateLoss(pairs, { family }) }];
}

function slices(
  settings: readonly SettingScores[],
  figures: readonly (readonly SettingFigures[])[],
  labelOf: (setting: SettingScores) => string,
): RankSlice[] {
  const groups = Map.groupBy(
    settings.map((setting, index) => ({ label: labelOf(setting), index })),
    (one) => one.label,
  );
  if (groups.size < 2) return [];
  return [...groups].map(([label, own]) => ({
    label,
    settings: own.length,
    ranks: ranksOf(own.map(({ index }) => figures[index]!)),
  }));
}
