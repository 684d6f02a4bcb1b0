import type { ChosenRates } from "#spec/plan.ts";
import { rateKey, writtenRate } from "#spec/tuned.ts";
import { mean, quantile, sampleSd } from "#stats/summary.ts";
import { finalEval, scoreOf } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import type { TuningSummary } from "#results/summary.ts";
import { endOf, isFinished } from "#results/run.ts";
import { failed } from "./diagnostics.ts";

/** With every rate that was tried for an arm every run failed. */
export class TuningFailure extends Error {
  override name = "TuningFailure";
  constructor(arm: string, rates: readonly number[]) {
    super(
      `Every run of ${JSON.stringify(arm)} failed with every rate that was tried (${
        rates.join(", ")
      }): it diverged, or ended hardly better than guessing. Add smaller rates to tune.rates (larger ones where no run diverged), or make runs longer`,
    );
  }
}

/** Rates of an arm and what became of their runs, smallest first; a summary of an earlier lab lacks some figures. */
type Trial = TuningSummary["trials"][number];

/**
 * The ends of a range of rates at which an arm did better than at the neighbour: with fewer failures, or with as many and
 * a better accuracy; `low` also where even the smallest rate has failures. An arm that does not care has none.
 */
export function endsChosen({ trials, chosen }: Pick<TuningSummary, "trials" | "chosen">): ("low" | "high")[] {
  const sorted = trials.toSorted((a, b) => a.value - b.value);
  const better = (end: number, neighbour: number) => {
    const [one, other] = [sorted.at(end), sorted.at(neighbour)];
    if (one?.value !== chosen || other === undefined) return false;
    return failuresOf(one) < failuresOf(other) ||
      (failuresOf(one) === failuresOf(other) && (one.accuracy ?? -1) > (other.accuracy ?? -1));
  };
  const [lowest] = sorted;
  const isLow = better(0, 1) || (lowest?.value === chosen && failuresOf(lowest) > 0);
  return [...isLow ? ["low" as const] : [], ...better(-1, -2) ? ["high" as const] : []];
}

const failuresOf = ({ failed, diverged }: Trial) => failed ?? diverged;

/**
 * The next rates beyond the range that was tried, where an arm did best at its end, or where every rate was too large
 * for one: as far from the end as that is from its neighbour.
 *
 * @param rates all that were tried, two or more.
 * @param ends those that arms did best at; `low` too for an arm with which every rate failed, and `high` where none diverged.
 */
export function ratesBeyond(rates: readonly number[], ends: readonly ("low" | "high")[]): number[] {
  const sorted = rates.toSorted((a, b) => a - b);
  const [lowest, low] = [sorted[0]!, sorted[1]!];
  const [high, highest] = [sorted.at(-2)!, sorted.at(-1)!];
  // Without the noise of binary fractions, which a report would show.
  const beyond = (end: number, neighbour: number) => Number((end * (end / neighbour)).toPrecision(6));
  return [
    ...ends.includes("low") ? [beyond(lowest, low)] : [],
    ...ends.includes("high") ? [beyond(highest, high)] : [],
  ];
}

/**
 * The rate of each arm, by its final validation accuracy over the tuning seeds:
 *
 * 1. Rates with the fewest failed runs: diverged, or hardly better than guessing.
 * 2. Of these the best lower quartile, a failed run counting as 0; ties go to the smaller rate. What a rate reaches with
 *    three seeds of four says more of the runs to come than its luckiest one.
 * 3. A rate next to one with more failures stands on an edge. A smaller one takes its place, the largest that is
 *    within one standard error of its mean (the paired differences of the seeds) and does not stand there itself.
 *
 * Arms of which every run failed are left out.
 *
 * @param classes of the data set: guessing gets one in so many right.
 */
export function chooseRates(
  records: readonly RunRecord[],
  classes: number,
): { chosen: ChosenRates; tuning: TuningSummary[] } {
  const chosen = new Map<string, number>();
  const tuning: TuningSummary[] = [];
  for (const arm of new Set(records.map(({ plan }) => plan.arm))) {
    const own = records.filter(({ plan }) => plan.arm === arm);
    const key = rateKey(own[0]!.plan.schedule);
    const tried = triedRates(own, classes);
    const best = bestRate(tried);
    if (best === null) continue;
    const above = tried.find(({ trial }) => trial.value > best.trial.value && failuresOf(trial) > 0);
    chosen.set(arm, best.trial.value);
    tuning.push({
      arm,
      path: `schedule.${key}`,
      trials: tried.map(({ trial }) => trial),
      chosen: best.trial.value,
      fails_from: above?.trial.value ?? null,
    });
  }
  return { chosen, tuning };
}

/** A rate, and the accuracy that it reached with each seed: 0 for a run that failed. */
export interface Tried {
  readonly trial: Trial;
  readonly reached: ReadonlyMap<number, number>;
}

/** The rates that were tried for one arm, the smallest first. */
export function triedRates(runs: readonly RunRecord[], classes: number): Tried[] {
  const rateOf = ({ plan: { schedule } }: RunRecord) => writtenRate(schedule) as number;
  return [...Map.groupBy(runs, rateOf)].sort(([a], [b]) => a - b)
    .map(([rate, own]) => triedRate(rate, own, classes));
}

function triedRate(value: number, runs: readonly RunRecord[], classes: number): Tried {
  const ended = runs.filter(isFinished);
  const good = ended.filter((run) => !failed(run, classes));
  const accuracies = good.map((run) => scoreOf(finalEval(run, "validation")!));
  const reached = new Map(ended.map(({ plan }) => [plan.seed, 0]));
  good.forEach(({ plan }, index) => reached.set(plan.seed, accuracies[index]!));
  return {
    reached,
    trial: {
      value,
      accuracy: accuracies.length === 0 ? null : mean(accuracies),
      diverged: runs.filter((run) => endOf(run)?.reason === "diverged").length,
      runs: ended.length,
      failed: ended.length - good.length,
      lower_quartile: reached.size === 0 ? null : quantile([...reached.values()], 0.25),
    },
  };
}

/** The rate that the rule of {@link chooseRates} takes among some; `null` where every run of all failed. */
export function bestRate(tried: readonly Tried[]): Tried | null {
  const usable = tried.filter(({ trial }) => trial.accuracy !== null);
  const fewest = Math.min(...usable.map(({ trial }) => failuresOf(trial)));
  const candidates = usable.filter(({ trial }) => failuresOf(trial) === fewest);
  const best = candidates.reduce<Tried | null>(
    (leader, one) => one.trial.lower_quartile! > (leader?.trial.lower_quartile ?? -1) ? one : leader,
    null,
  );
  if (best === null || !isOnEdge(best, tried)) return best;
  const safer = candidates.filter((one) => one.trial.value < best.trial.value && !isOnEdge(one, tried));
  return safer.findLast((one) => isAsGood(one, best)) ?? best;
}

/** True where the next larger rate that was tried has more failures. */
function isOnEdge({ trial }: Tried, tried: readonly Tried[]): boolean {
  const next = tried.find((other) => other.trial.value > trial.value);
  return next !== undefined && failuresOf(next.trial) > failuresOf(trial);
}

/** True for a rate whose mean lies within one standard error of the better one's. */
function isAsGood(one: Tried, better: Tried): boolean {
  const lost = [...better.reached].flatMap(([seed, accuracy]) => {
    const other = one.reached.get(seed);
    return other === undefined ? [] : [accuracy - other];
  });
  return lost.length > 1 && mean(lost) <= sampleSd(lost) / Math.sqrt(lost.length);
}
