import type { ChosenRates } from "#spec/plan.ts";
import { rateKey } from "#spec/tuned.ts";
import { finalEval } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import type { TuningSummary } from "#results/summary.ts";
import { endOf } from "#results/run.ts";

/** Every rate that was tried for an arm diverged. */
export class TuningFailure extends Error {
  override name = "TuningFailure";
  constructor(arm: string, rates: readonly number[]) {
    super(
      `Every rate that was tried for ${JSON.stringify(arm)} diverged (${
        rates.join(", ")
      }); add smaller ones to tune.rates`,
    );
  }
}

/** The ends of a range of rates at which an arm did better than at the neighbour; an arm that does not care has none. */
export function endsChosen({ trials, chosen }: Pick<TuningSummary, "trials" | "chosen">): ("low" | "high")[] {
  const sorted = trials.toSorted((a, b) => a.value - b.value);
  const better = (end: number, neighbour: number) => {
    const [one, other] = [sorted.at(end), sorted.at(neighbour)];
    return one !== undefined && other !== undefined && one.value === chosen &&
      one.accuracy !== null && (other.accuracy === null || one.accuracy > other.accuracy);
  };
  return [...better(0, 1) ? ["low" as const] : [], ...better(-1, -2) ? ["high" as const] : []];
}

/**
 * The next rates beyond the range that was tried, where an arm did best at its end, or where every rate was too large
 * for one: as far from the end as that is from its neighbour.
 *
 * @param rates all that were tried, two or more.
 * @param ends those that arms did best at; `low` too for an arm with which every rate diverged.
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
 * For each arm the rate with the best mean validation accuracy after the last step. A rate that diverged with any
 * seed loses to every rate that did not; ties go to the smaller rate. Arms without a finished trial are left out.
 */
export function chooseRates(records: readonly RunRecord[]): { chosen: ChosenRates; tuning: TuningSummary[] } {
  const chosen = new Map<string, number>();
  const tuning: TuningSummary[] = [];
  for (const arm of new Set(records.map(({ plan }) => plan.arm))) {
    const own = records.filter(({ plan }) => plan.arm === arm);
    const key = rateKey(own[0]!.plan.schedule);
    const rates = [...new Set(own.map(({ plan }) => plan.schedule[key] as number))].sort((a, b) => a - b);
    const trials = rates.map((value) => {
      const runs = own.filter(({ plan }) => plan.schedule[key] === value);
      const diverged = runs.filter((run) => endOf(run)?.reason === "diverged").length;
      const reached = runs.map((run) => finalEval(run, "validation")?.accuracy ?? null);
      const complete = diverged === 0 && reached.every((accuracy) => accuracy !== null);
      const accuracy = complete
        ? reached.reduce<number>((sum, each) => sum + each!, 0) / reached.length
        : null;
      return { value, accuracy, diverged };
    });
    const best = trials.reduce<typeof trials[number] | null>(
      (leader, trial) =>
        trial.accuracy !== null && trial.accuracy > (leader?.accuracy ?? -1) ? trial : leader,
      null,
    );
    if (best === null) continue;
    chosen.set(arm, best.value);
    tuning.push({ arm, path: `schedule.${key}`, trials, chosen: best.value });
  }
  return { chosen, tuning };
}
