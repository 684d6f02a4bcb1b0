import type { FamilyScores, RateScores, SettingScores } from "#results/benchmark_scores.ts";
import { mean } from "#stats/summary.ts";

/** What one family's runs come to in a setting, at one of its rates. */
export interface SettingFigures {
  /** Higher is better, by seed: accuracy, or the negative loss in nats of a text; `null` for a run that failed. */
  readonly scores: readonly (number | null)[];
  /** Runs that failed. */
  readonly failed: number;
}

/** A metric as a score of which higher is better: accuracy as it is, perplexity as the negative loss, −ln. */
export function asScore(value: number, { better }: Pick<SettingScores, "better">): number {
  return better === "higher" ? value : -Math.log(value);
}

/** The score that guessing reaches, which a failed run counts as. */
export function guessingScore(setting: Pick<SettingScores, "better" | "guessing">): number {
  return asScore(setting.guessing, setting);
}

/** The scores at a rate; without a rate, every run failed. */
export function figuresAt(
  rate: RateScores | undefined,
  setting: Pick<SettingScores, "better" | "guessing" | "seeds">,
): SettingFigures {
  const scores = setting.seeds.map((_, place) => {
    const value = rate?.test[place] ?? null;
    // A run that failed is recorded as guessing.
    return value === null || value === setting.guessing ? null : asScore(value, setting);
  });
  return { scores, failed: scores.filter((score) => score === null).length };
}

/** The rate that tuning chose; none where every rate failed. */
export function chosenOf({ rates, chosen }: Pick<FamilyScores, "rates" | "chosen">): RateScores | undefined {
  return rates.find(({ value }) => value === chosen);
}

/** The rate a factor beside the chosen one, where the grid has it. */
export function rateBeside(family: FamilyScores, factor: number): RateScores | undefined {
  const { chosen } = family;
  if (chosen === null) return undefined;
  return family.rates.find(({ value }) => Math.abs(value / (chosen * factor) - 1) < 1e-6);
}

/** Mean of scores, failed runs as guessing. */
export function meanScore({ scores }: SettingFigures, guessing: number): number {
  return mean(scores.map((score) => score ?? guessing));
}
