import { endOf, type RunRecord } from "#results/run.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { studentQuantile } from "#stats/distributions.ts";
import type { LossCurve } from "#theory/loss_laws/fit.ts";
import { canonicalJson } from "#lib/json.ts";
import { ratesOf } from "../experiment/said_before.ts";

/** The training loss of an arm as laws take it: its mean over seeds in stretches of the run. */
export interface ArmCurve extends LossCurve {
  readonly seeds: readonly number[];
  /** 95 % interval of the mean over seeds at each point; `null` for fewer than two seeds. */
  readonly interval: readonly (readonly [number, number])[] | null;
  /** Epochs of the run: above 1, data were seen again. */
  readonly epochs: number;
}

/** An arm without a curve, and why, as a clause: `it has no rate above 0`. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** Recorded curves that differ in their schedule alone, and the arms that have none. */
export interface ArmCurves {
  readonly curves: readonly ArmCurve[];
  readonly leftOut: readonly LeftOut[];
}

/** Stretches that a run is cut into. */
const STRETCHES = 40;
/** Share of the run before the first of them: laws are of what follows the first steps. */
const SKIPPED = 0.05;

/**
 * The curves of the arms of one experiment that differ from most others in nothing but their schedule.
 *
 * @param failed the seeds of each arm whose runs failed; they are left out.
 */
export function armCurves(
  records: readonly RunRecord[],
  failed: ReadonlyMap<string, ReadonlySet<number>> = new Map(),
): ArmCurves {
  const leftOut: LeftOut[] = [];
  const whole = records.filter(({ plan, events }) =>
    plan.role === "arm" && plan.member === undefined && plan.start === undefined &&
    endOf({ events })?.reason === "budget" && failed.get(plan.arm)?.has(plan.seed) !== true
  );
  const arms = [...Map.groupBy(whole, ({ plan }) => plan.arm)];
  const kinds = [...Map.groupBy(arms, ([, runs]) => trainingOf(runs[0]!)).values()]
    .toSorted((a, b) => b.length - a.length);
  for (const [name] of kinds.slice(1).flat()) {
    leftOut.push({ name, why: "it differs in more than its schedule" });
  }
  const curves = (kinds[0] ?? []).flatMap(([name, runs]) => {
    const rates = ratesOf(runs[0]!);
    const moves = runs.some((run) => ratesOf(run).some((rate, step) => rate !== rates[step]));
    if (moves) leftOut.push({ name, why: "its rates differ from seed to seed" });
    else if (!rates.some((rate) => rate > 0)) leftOut.push({ name, why: "it has no rate above 0" });
    return moves || !rates.some((rate) => rate > 0) ? [] : [curveOf(name, runs, rates)];
  });
  const missing = new Set(records.filter(({ plan }) => plan.role === "arm").map(({ plan }) => plan.arm));
  for (const [name] of arms) missing.delete(name);
  for (const name of missing) {
    leftOut.push({ name, why: "it has no run that trained from scratch to its end without failing" });
  }
  return { curves, leftOut };
}

/** Everything that decides a run's training loss but its schedule, length and seed. */
function trainingOf(
  { plan: { dataset, model, optimizer, loss, batch_size, accumulate } }: RunRecord,
): string {
  return canonicalJson({ dataset, model, optimizer, loss, batch_size, accumulate });
}

function curveOf(name: string, runs: readonly RunRecord[], rates: Float64Array): ArmCurve {
  const ends = stretches(rates);
  const bySeed = runs.map(({ events }) => {
    const losses = events.flatMap((event) => event.kind === "step" ? event.loss : []);
    return ends.map(([from, to]) => mean(losses.slice(from, to)));
  });
  const values = ends.map((_, point) => bySeed.map((losses) => losses[point]!));
  const { plan } = runs[0]!;
  return {
    name,
    rates,
    // The loss of step t is that after t steps.
    steps: ends.map(([from, to]) => Math.max(1, Math.round((from + to - 1) / 2))),
    losses: values.map(mean),
    seeds: runs.map((run) => run.plan.seed),
    interval: runs.length < 2 ? null : values.map(intervalOf),
    epochs: plan.total_steps / plan.steps_per_epoch,
  };
}

/** Stretches of equal length, from the first step with a rate before it and past the start. */
function stretches(rates: Float64Array): (readonly [number, number])[] {
  const moving = rates.findIndex((rate) => rate > 0) + 1;
  const first = Math.max(moving, Math.round(SKIPPED * rates.length));
  const count = Math.min(STRETCHES, rates.length - first);
  const at = (index: number) => first + Math.round(index * (rates.length - first) / count);
  return Array.from({ length: count }, (_, index) => [at(index), at(index + 1)]);
}

function intervalOf(values: readonly number[]): readonly [number, number] {
  const half = studentQuantile(0.975, values.length - 1) * sampleSd(values) / Math.sqrt(values.length);
  return [mean(values) - half, mean(values) + half];
}
