import type { FamilyScores, RateScores } from "#results/benchmark_scores.ts";
import { mean, quantile } from "#stats/summary.ts";
import { bestRate, type Tried } from "../experiment/tuning.ts";

/**
 * The rate that tuning's rule takes ({@link bestRate}) for a family in a setting, from validation scores of tuning seeds
 * alone; `null` where every run failed.
 *
 * @param draws places of the tuning seeds that are looked at, for a bootstrap over seeds: one may come more than once. All
 * of them, once each, if not given.
 */
export function chosenRate(
  { rates }: Pick<FamilyScores, "rates">,
  draws: readonly number[] = rates[0]!.validation.map((_, place) => place),
): RateScores | null {
  const tried = rates.map((rate) => triedRate(rate, draws));
  const best = bestRate(tried);
  return best === null ? null : rates[tried.indexOf(best)]!;
}

/** A score of 0 is that of a run that failed: no run that learnt anything has it. */
function triedRate({ value, validation }: RateScores, draws: readonly number[]): Tried {
  const scores = draws.flatMap((place, index): [number, number][] => {
    const score = validation[place] ?? null;
    return score === null ? [] : [[index, score]];
  });
  const good = scores.map(([, score]) => score).filter((score) => score > 0);
  return {
    reached: new Map(scores),
    trial: {
      value,
      accuracy: good.length === 0 ? null : mean(good),
      diverged: 0,
      runs: scores.length,
      failed: scores.length - good.length,
      lower_quartile: scores.length === 0 ? null : quantile(scores.map(([, score]) => score), 0.25),
    },
  };
}
