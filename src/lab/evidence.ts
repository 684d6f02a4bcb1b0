import { type PairedDifference, pairedDifference } from "#stats/paired.ts";
import type { Spec } from "#spec/schema.ts";
import type { SweepCell } from "#spec/plan.ts";
import { runKey } from "#spec/plan.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { finalEval, steps, stepsToTarget } from "./final.ts";
import type { RunRecord } from "./record.ts";
import type { Comparison, SweepSummary, TuningSummary } from "./summary.ts";

/** What a run is judged by; one number a run, where the run has it. */
export const METRICS = [
  "test_accuracy",
  "validation_accuracy",
  "validation_loss",
  "training_loss",
  "steps_to_target",
] as const;
export type Metric = typeof METRICS[number];

/** The target is this share of the baseline's mean final validation accuracy: a rule fixed before the runs. */
export const TARGET_SHARE = 0.95;

/** What the records of an experiment say. Questions of an exercise are answered from this alone. */
export interface Evidence {
  readonly spec: Spec;
  readonly baseline: string;
  readonly tuning: readonly TuningSummary[];
  readonly sweep: SweepSummary | null;
  /** Validation accuracy that `steps_to_target` asks for; `null` while the baseline has no finished run. */
  readonly target: number | null;
  records(arm: string): readonly RunRecord[];
  /** The metric of each seed that has it. */
  values(arm: string, metric: Metric): ReadonlyMap<number, number>;
  /** Validation accuracy of each cell of the sweep by seed. */
  readonly sweepRuns: readonly {
    readonly at: readonly number[];
    readonly values: ReadonlyMap<number, number>;
  }[];
  /**
   * Paired over seeds, arm minus against, with a bootstrap interval that is widened for all comparisons that are told
   * with the baseline on the same metric.
   */
  measure(arm: string, against: string, metric: Metric): PairedDifference;
  /** The smallest difference that the metric can show. */
  resolution(metric: Metric): number;
  /** The same, as a summary tells it. */
  compare(arm: string, against: string, metric: Metric): Comparison;
}

export interface Results {
  readonly spec: Spec;
  readonly tuning: readonly TuningSummary[];
  readonly arms: readonly RunRecord[];
  readonly cells: readonly SweepCell[];
  readonly sweep: readonly RunRecord[];
  /** Images in the held-out splits: an accuracy can't be told finer than one of them. */
  readonly images: { readonly validation: number; readonly test: number };
}

export function evidenceOf(results: Results): Evidence {
  const { spec, tuning, arms } = results;
  const baseline = spec.baseline ?? spec.arms[0]!.name;
  const records = (arm: string) => arms.filter(({ plan }) => plan.arm === arm);
  const target = targetOf(records(baseline));
  const values = (arm: string, metric: Metric) =>
    new Map(
      records(arm).flatMap((record): [number, number][] => {
        const value = metricOf(record, metric, target);
        return value === null ? [] : [[record.plan.seed, value]];
      }),
    );
  const measure = (arm: string, against: string, metric: Metric) =>
    pairedDifference(values(arm, metric), values(against, metric), {
      resolution: resolutionOf(results, metric),
      family: Math.max(1, spec.arms.length - 1),
    });
  const sweepRuns = sweepRunsOf(results);
  return {
    spec,
    baseline,
    tuning,
    sweepRuns,
    sweep: sweepOf(results, sweepRuns),
    target,
    measure,
    resolution: (metric) => resolutionOf(results, metric),
    records,
    values,
    compare: (arm, against, metric) => {
      const { difference, interval, uncorrected, family, seeds, spread, verdict } = measure(
        arm,
        against,
        metric,
      );
      const interval_uncorrected = uncorrected;
      return {
        arm,
        against,
        metric,
        difference,
        interval,
        interval_uncorrected,
        family,
        seeds,
        spread,
        verdict,
      };
    },
  };
}

/** `null` where the run has no such figure: it diverged, was stopped, or never reached the target. */
export function metricOf(record: RunRecord, metric: Metric, target: number | null): number | null {
  switch (metric) {
    case "test_accuracy":
      return finalEval(record, "test")?.accuracy ?? null;
    case "validation_accuracy":
      return finalEval(record, "validation")?.accuracy ?? null;
    case "validation_loss":
      return finalEval(record, "validation")?.loss ?? null;
    case "training_loss":
      return finalTrainingLoss(record);
    case "steps_to_target":
      return target === null ? null : stepsToTarget(record, target);
  }
}

/** Mean training loss over the last tenth of the updates, of runs that came to their end. */
function finalTrainingLoss(record: RunRecord): number | null {
  const losses = steps(record).map(({ loss }) => loss);
  if (losses.length < record.plan.total_steps) return null;
  return mean(losses.slice(-Math.max(1, Math.round(losses.length / 10))));
}

function targetOf(baseline: readonly RunRecord[]): number | null {
  const reached = baseline.flatMap((record) => finalEval(record, "validation")?.accuracy ?? []);
  return reached.length === 0 ? null : TARGET_SHARE * mean(reached);
}

/** The smallest difference that the metric can show. */
function resolutionOf({ images, arms }: Results, metric: Metric): number {
  switch (metric) {
    case "test_accuracy":
      return 1 / images.test;
    case "validation_accuracy":
      return 1 / images.validation;
    case "steps_to_target":
      return arms[0]?.plan.eval_every ?? 0;
    case "validation_loss":
    case "training_loss":
      return 0;
  }
}

function sweepRunsOf({ cells, sweep }: Results): Evidence["sweepRuns"] {
  const byKey = new Map(sweep.map((record) => [runKey(record.plan), record]));
  return cells.map(({ at, plans }) => ({
    at,
    values: new Map(plans.flatMap((plan): [number, number][] => {
      const record = byKey.get(runKey(plan));
      const held = record ? finalEval(record, "validation") : null;
      return held ? [[plan.seed, held.accuracy]] : [];
    })),
  }));
}

function sweepOf({ spec, cells }: Results, sweepRuns: Evidence["sweepRuns"]): SweepSummary | null {
  if (!spec.sweep || cells.length === 0) return null;
  return {
    arm: cells[0]!.plans[0]!.arm,
    metric: "validation_accuracy",
    axes: Object.entries(spec.sweep.over).map(([path, values]) => ({
      path,
      label: path.split(".").at(-1)!,
      values,
    })),
    cells: sweepRuns.map(({ at, values }) => {
      const found = [...values.values()];
      return {
        at,
        mean: found.length ? mean(found) : null,
        spread: found.length > 1 ? sampleSd(found) : null,
        runs: found.length,
      };
    }),
  };
}
