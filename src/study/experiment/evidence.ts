import { type PairedDifference, pairedDifference } from "#stats/paired.ts";
import type { Spec } from "#spec/schema.ts";
import { baselineOf, comparedArms } from "#spec/lineage.ts";
import type { PlannedCell } from "#spec/sweep/cells.ts";
import { mean } from "#stats/summary.ts";
import { finalEval, lineageOf } from "#results/final.ts";
import { type Metric, metricEntry, metricOf, partsOf } from "#results/metrics.ts";
import { ensemblesOf, type Predictions } from "./models.ts";
import { seedOf } from "./predictions.ts";
import type { RunRecord } from "#results/run.ts";
import type { EnsembleSummary } from "#results/models.ts";
import type { Comparison, SweepSummary, TuningSummary } from "#results/summary.ts";
import { type MeasuredCell, measuredCells, sweepOf } from "./sweep_cells.ts";

/** The target is this share of the baseline's mean final validation accuracy: a rule fixed before the runs. */
export const TARGET_SHARE = 0.95;

/** The evidence of an experiment, from its records. Questions of an exercise are answered from this alone. */
export interface Evidence {
  readonly spec: Spec;
  readonly baseline: string;
  readonly tuning: readonly TuningSummary[];
  readonly sweep: SweepSummary | null;
  /** Validation accuracy that `steps_to_target` asks for; `null` while the baseline has no finished run. */
  readonly target: number | null;
  readonly classes: number;
  records(arm: string): readonly RunRecord[];
  /** A run after its parent runs: figures over the course of training cover the whole lineage. */
  lineage(record: RunRecord): readonly RunRecord[];
  /** Models of each seed judged as one; none where predictions were not saved. */
  ensembles(arm: string): readonly EnsembleSummary[];
  /** The metric of each seed that has it: for an arm of several members, the mean over these. */
  values(arm: string, metric: Metric): ReadonlyMap<number, number>;
  /** Cells of the sweep with their figures. */
  readonly sweepCells: readonly MeasuredCell[];
  /**
   * Paired over seeds, arm minus against, with a bootstrap interval that is widened for all comparisons that are reported
   * with the baseline on the same metric. `againstMetric` is that of the other arm where it is another: an ensemble's
   * accuracy against a single model's.
   */
  measure(arm: string, against: string, metric: Metric, againstMetric?: Metric): PairedDifference;
  /** The smallest difference that the metric can show. */
  resolution(metric: Metric): number;
  /** The same, as a summary tells it. */
  compare(arm: string, against: string, metric: Metric): Comparison;
}

export interface Results {
  readonly spec: Spec;
  readonly tuning: readonly TuningSummary[];
  readonly arms: readonly RunRecord[];
  readonly cells: readonly PlannedCell[];
  readonly sweep: readonly RunRecord[];
  /** Images in the held-out splits: the resolution of an accuracy is one of them. */
  readonly images: { readonly validation: number; readonly test: number };
  /** Classes of the data set: guessing gets one in so many right. */
  readonly classes: number;
  /** Absent where no run saved any. */
  readonly predictions?: Predictions;
}

export function evidenceOf(results: Results): Evidence {
  const { spec, tuning, arms } = results;
  const baseline = baselineOf(spec);
  const records = (arm: string) => arms.filter(({ plan }) => plan.arm === arm);
  const target = targetOf(records(baseline));
  const lineage = (record: RunRecord) => lineageOf(record, arms);
  const ensembles = remembered((arm: string) => {
    const { members = 1 } = spec.arms.find(({ name }) => name === arm) ?? {};
    return results.predictions ? ensemblesOf(records(arm), members, results.predictions) : [];
  });
  const values = (arm: string, metric: Metric): ReadonlyMap<number, number> => {
    const { weights } = partsOf(metric);
    const { split, figure } = metricEntry(metric)?.evaluation ?? {};
    if ((weights === "ensemble" || weights === "cycles") && split && figure) {
      const joined = ensembles(arm).filter(({ kind }) => (kind === "cycles") === (weights === "cycles"));
      return new Map(joined.map((one) => [one.seed, one[`${split}_${figure}`]]));
    }
    const bySeed = Map.groupBy(records(arm), ({ plan }) => seedOf(plan));
    return new Map(
      [...bySeed].flatMap(([seed, runs]): [number, number][] => {
        const found = runs.flatMap((record) => metricOf(lineage(record), metric, target) ?? []);
        return found.length < runs.length ? [] : [[seed, mean(found)]];
      }),
    );
  };
  const measure = (arm: string, against: string, metric: Metric, againstMetric = metric) =>
    pairedDifference(values(arm, metric), values(against, againstMetric), {
      resolution: resolutionOf(results, metric),
      largest: metricEntry(metric)?.largest ?? Infinity,
      family: Math.max(1, comparedArms(spec).length - 1),
    });
  const sweepCells = measuredCells(results);
  return {
    spec,
    classes: results.classes,
    baseline,
    tuning,
    sweepCells,
    sweep: sweepOf(results, resolutionOf(results, "validation_accuracy")),
    target,
    lineage,
    measure,
    resolution: (metric) => resolutionOf(results, metric),
    records,
    ensembles,
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

/** Each argument is worked out once. */
function remembered<T>(of: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, of(key));
    return known.get(key)!;
  };
}

function targetOf(baseline: readonly RunRecord[]): number | null {
  const reached = baseline.flatMap((record) => finalEval(record, "validation")?.accuracy ?? []);
  return reached.length === 0 ? null : TARGET_SHARE * mean(reached);
}

/** The smallest difference that the metric can show. */
function resolutionOf({ images, arms }: Results, metric: Metric): number {
  return metricEntry(metric)?.resolution({ images, evalEvery: arms[0]?.plan.eval_every ?? 0 }) ?? 0;
}
