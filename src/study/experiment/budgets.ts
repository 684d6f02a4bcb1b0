import { writtenRate } from "#spec/tuned.ts";
import { finalEval, scoreOf } from "#results/final.ts";
import { isFinished, type RunRecord } from "#results/run.ts";
import { failed } from "./diagnostics.ts";
import { bestRate, type Tried, triedRates } from "./tuning.ts";

/** The score of an arm with a tuning budget: so many of its rates are tried, and the rule of tuning takes one. */
export interface ArmBudgets {
  /** The rates, the smallest first. */
  readonly rates: readonly RateRuns[];
  /** The rate that all of them together lead to; `null` where every tuning run failed. */
  readonly chosen: number | null;
  /**
   * Test accuracy of each seed, expected over all choices of so many of the rates, each as likely: tuning's rule, on
   * tuning's seeds and validation data, takes one of them, and the seed's run with that one counts. A run that failed,
   * and a choice of which all failed, counts as guessing.
   *
   * @throws {RangeError} unless there are so many rates.
   */
  expected(rates: number): ReadonlyMap<number, number>;
  /** Test accuracy of each seed at a rate that was tried; empty for others. */
  at(rate: number): ReadonlyMap<number, number>;
  /**
   * Test accuracy of each seed that half and twice the chosen rate lose on average against it; empty where either was
   * not tried.
   */
  lostBesideChosen(): ReadonlyMap<number, number>;
}

/** A rate with the runs of the comparison's seeds. */
export interface RateRuns {
  readonly value: number;
  /** Test accuracy by seed; guessing for a run that failed. */
  readonly reached: ReadonlyMap<number, number>;
  readonly failed: number;
}

/**
 * @param tuning the arm's tuning runs.
 * @param runs its runs at each rate with the seeds of the comparison.
 * @param classes guessing gets one in so many right.
 */
export function armBudgets(
  tuning: readonly RunRecord[],
  runs: readonly RunRecord[],
  classes: number,
): ArmBudgets {
  const tried = triedRates(tuning, classes);
  const rates = tried.map(({ trial }) => rateRuns(trial.value, runs, classes));
  const chosen = bestRate(tried)?.trial.value ?? null;
  const at = (rate: number) => rates.find(({ value }) => isSame(value, rate))?.reached ?? new Map();
  return {
    rates,
    chosen,
    at,
    expected: (count) => {
      const shares = choiceShares(tried, count);
      const parts = [...shares].map(([rate, share]) => ({
        share,
        reached: rate === null ? null : at(rate),
      }));
      return weighted(parts, seedsOf(rates), 1 / classes);
    },
    lostBesideChosen: () => {
      if (chosen === null) return new Map();
      const [best, half, twice] = [at(chosen), at(chosen / 2), at(2 * chosen)];
      return new Map([...best].flatMap(([seed, accuracy]): [number, number][] => {
        const [low, high] = [half.get(seed), twice.get(seed)];
        return low === undefined || high === undefined ? [] : [[seed, accuracy - (low + high) / 2]];
      }));
    },
  };
}

/**
 * The share of all choices of so many rates that leads to each; `null` stands for choices of which every run failed.
 *
 * @throws {RangeError} unless `count` is from 1 to the number of rates.
 */
export function choiceShares(tried: readonly Tried[], count: number): ReadonlyMap<number | null, number> {
  if (!Number.isInteger(count) || count < 1 || count > tried.length) {
    throw new RangeError(
      `Cannot choose among ${count} of ${tried.length} rates: expected 1 to ${tried.length}`,
    );
  }
  const choices = subsets(tried, count);
  const shares = new Map<number | null, number>();
  for (const choice of choices) {
    const rate = bestRate(choice)?.trial.value ?? null;
    shares.set(rate, (shares.get(rate) ?? 0) + 1 / choices.length);
  }
  return shares;
}

function subsets<T>(all: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return all.flatMap((first, index) =>
    subsets(all.slice(index + 1), count - 1).map((rest) => [first, ...rest])
  );
}

function weighted(
  parts: readonly { readonly share: number; readonly reached: ReadonlyMap<number, number> | null }[],
  seeds: readonly number[],
  guessing: number,
): Map<number, number> {
  return new Map(seeds.flatMap((seed): [number, number][] => {
    const values = parts.map(({ share, reached }) =>
      share * (reached === null ? guessing : reached.get(seed) ?? NaN)
    );
    const sum = values.reduce((total, value) => total + value, 0);
    return Number.isNaN(sum) ? [] : [[seed, sum]];
  }));
}

function rateRuns(value: number, runs: readonly RunRecord[], classes: number): RateRuns {
  const own = runs.filter((run) => isFinished(run) && writtenRate(run.plan.schedule) === value);
  const isFailed = (run: RunRecord) => failed(run, classes);
  const reached = own.flatMap((run): [number, number][] => {
    if (isFailed(run)) return [[run.plan.seed, 1 / classes]];
    const test = finalEval(run, "test");
    return test ? [[run.plan.seed, scoreOf(test)]] : [];
  });
  return { value, reached: new Map(reached), failed: own.filter(isFailed).length };
}

const seedsOf = (
  rates: readonly RateRuns[],
) => [...new Set(rates.flatMap(({ reached }) => [...reached.keys()]))];

/** Rates are written with few digits: 2 × 0.0025 is 0.005, 2 × 0.003 nearly 0.006. */
const isSame = (one: number, other: number) => Math.abs(one / other - 1) < 1e-6;
