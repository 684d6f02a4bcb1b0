import { type PairedDifference, verdictWord } from "#stats/paired.ts";
import type { Spec } from "#spec/schema.ts";
import { lookCounts, sweepSeeds } from "#spec/looks.ts";
import { baselineOf, comparedArms } from "#spec/lineage.ts";
import type { PlannedCell } from "#spec/sweep/cells.ts";
import { mean } from "#stats/summary.ts";
import { finalEval, lineageOf, scoreOf } from "#results/final.ts";
import { scoreName } from "#results/score.ts";
import { marginOf, type Metric, metricEntry } from "#results/metrics.ts";
import { type ArmBudgets, armBudgets } from "./budgets.ts";
import { failed } from "./diagnostics.ts";
import type { Predictions } from "./models.ts";
import { seedOf } from "./predictions.ts";
import type { RunRecord } from "#results/run.ts";
import type { Comparison, FailureComparison, SweepSummary, TuningSummary } from "#results/summary.ts";
import {
  type Bounds,
  type BySeed,
  differenceOverLooks,
  type Happened,
  type ShareDifference,
  sharesOverLooks,
} from "./looks.ts";
import { type Outcomes, outcomesOf, remembered, unfailed } from "./outcomes.ts";
import { type MeasuredCell, measuredCells, sweepOf } from "./sweep_cells.ts";

/** The target is this share of the baseline's mean final validation accuracy: a rule fixed before the runs. */
export const TARGET_SHARE = 0.95;

/** The evidence of an experiment, from its records. Questions of an exercise are answered from this alone. */
export interface Evidence extends Outcomes {
  readonly spec: Spec;
  readonly baseline: string;
  readonly tuning: readonly TuningSummary[];
  readonly sweep: SweepSummary | null;
  /**
   * Validation accuracy that `steps_to_target` asks for: of the baseline's runs with the seeds of the first look that
   * did not fail, so that further seeds don't move it; `null` while none has ended.
   */
  readonly target: number | null;
  readonly classes: number;
  /** The metric that arms are compared by first: of images with masks Dice, of text perplexity. */
  readonly score: "test_accuracy" | "test_dice" | "test_perplexity";
  /** Cells of the sweep with their figures. */
  readonly sweepCells: readonly MeasuredCell[];
  /** The test accuracy that tuning budgets give an arm; `null` where the spec does not ask, or the arm is not tuned. */
  budgets(arm: string): ArmBudgets | null;
  /** A run after its parent runs: figures over the course of training cover the whole lineage. */
  lineage(record: RunRecord): readonly RunRecord[];
  /**
   * The difference of two figures, paired over seeds, with an interval that holds together with those of all looks and of
   * everything that the experiment reports.
   *
   * @param among `sweep` for figures of cells, which may have seeds of their own.
   */
  difference(own: BySeed, other: BySeed, bounds?: Bounds, among?: "arms" | "sweep"): PairedDifference;
  /** The same for shares of seeds. */
  shares(own: Happened, other: Happened, among?: "arms" | "sweep"): ShareDifference;
  /**
   * Arm minus against over the seeds with which neither failed. `againstMetric` is that of the other arm where it is
   * another: an ensemble's accuracy against a single model's.
   */
  measure(arm: string, against: string, metric: Metric, againstMetric?: Metric): PairedDifference;
  /** Failures of an arm in a metric, against another's. */
  failing(arm: string, against: string, metric: Metric): ShareDifference;
  /** The smallest difference that the metric can show. */
  resolution(metric: Metric): number;
  /** The largest difference that does not matter; `undefined` for none. */
  margin(metric: Metric): number | undefined;
  /** The same, as a summary reports it. */
  compare(arm: string, against: string, metric: Metric): Comparison;
  compareFailures(arm: string, against: string): FailureComparison;
}

export interface Results {
  readonly spec: Spec;
  readonly tuning: readonly TuningSummary[];
  readonly arms: readonly RunRecord[];
  readonly cells: readonly PlannedCell[];
  readonly sweep: readonly RunRecord[];
  /** Runs of tuning, and those of each rate with the seeds of the comparison; absent where no budgets are asked for. */
  readonly budgets?: { readonly tuning: readonly RunRecord[]; readonly runs: readonly RunRecord[] };
  /** Images in the held-out splits: the resolution of an accuracy is one of them. */
  readonly images: { readonly validation: number; readonly test: number };
  /** Classes of the data set: guessing gets one in so many right. */
  readonly classes: number;
  /** Questions that are answered: intervals hold together for all of them. 0 if not given. */
  readonly questions?: number;
  /** Absent where no run saved any. */
  readonly predictions?: Predictions | undefined;
}

const COMPARED_BY = {
  "accuracy": "test_accuracy",
  "Dice": "test_dice",
  "token likelihood": "test_perplexity",
} as const;

export function evidenceOf(results: Results): Evidence {
  const { spec, tuning, arms, classes, predictions } = results;
  const baseline = baselineOf(spec);
  const target = targetOf(results, baseline);
  const outcomes = outcomesOf({ spec, arms, classes, target, predictions });
  const { values, failures } = outcomes;
  const family = familyOf(results);
  const among = { arms: spec.seeds, sweep: sweepSeeds(spec) };
  const counted = (from: keyof typeof among = "arms") => ({
    seeds: among[from],
    counts: lookCounts(spec, among[from]),
    family,
    // Looks share the error out into parts so small that skewness counts (docs/evidence.md).
    skewed: Boolean(spec.looks),
  });
  const evidence: Evidence = {
    ...outcomes,
    spec,
    classes,
    score: COMPARED_BY[scoreName(arms)],
    baseline,
    tuning,
    target,
    sweepCells: measuredCells(results),
    sweep: sweepOf(results, resolutionOf(results, "validation_accuracy")),
    budgets: remembered((arm: string) => budgetsOf(results, arm)),
    lineage: (record) => lineageOf(record, arms),
    difference: (own, other, bounds, from) => differenceOverLooks(own, other, counted(from), bounds),
    shares: (own, other, from) => sharesOverLooks(own, other, counted(from)),
    measure: (arm, against, metric, againstMetric = metric) => {
      const [own, other] = [failures(arm, metric), failures(against, againstMetric)];
      return evidence.difference(
        unfailed(values(arm, metric), own, other),
        unfailed(values(against, againstMetric), other, own),
        {
          resolution: resolutionOf(results, metric),
          largest: metricEntry(metric)?.largest ?? Infinity,
        },
      );
    },
    failing: (arm, against, metric) => evidence.shares(failures(arm, metric), failures(against, metric)),
    resolution: (metric) => resolutionOf(results, metric),
    margin: (metric) => marginOf(metric, spec.margin ?? {}, arms[0]?.plan.total_steps ?? 0),
    compare: (arm, against, metric) => comparison(evidence, arm, against, metric),
    compareFailures: (arm, against) => {
      const { arm: failed, against: against_failed, ...rest } = evidence.failing(
        arm,
        against,
        evidence.score,
      );
      return { arm, against, failed, against_failed, ...rest };
    },
  };
  return evidence;
}

function budgetsOf({ budgets, classes }: Results, arm: string): ArmBudgets | null {
  const of = (records: readonly RunRecord[] = []) => records.filter(({ plan }) => plan.arm === arm);
  const [tuning, runs] = [of(budgets?.tuning), of(budgets?.runs)];
  return runs.length === 0 ? null : armBudgets(tuning, runs, classes);
}

function comparison(evidence: Evidence, arm: string, against: string, metric: Metric): Comparison {
  const { dropped: _, uncorrected, verdict, ...measured } = evidence.measure(arm, against, metric);
  const margin = evidence.margin(metric);
  const [own, other] = [arm, against].map((one) => evidence.failures(one, metric));
  const pairs = [...own!.keys()].filter((seed) => other!.has(seed));
  const failed = (of: Happened | undefined) => pairs.filter((seed) => of!.get(seed)).length;
  const failed_pairs = pairs.filter((seed) => own!.get(seed) || other!.get(seed)).length;
  const isEven = failed(own) === failed(other);
  return {
    arm,
    against,
    metric,
    ...measured,
    interval_uncorrected: uncorrected,
    ...(margin !== undefined && { margin }),
    ...(failed_pairs > 0 && { failed_pairs }),
    verdict: measured.interval === null ? verdict : verdictWord(measured.interval, isEven ? margin : 0),
  };
}

/** Everything that is reported together: the questions, or the arms against the baseline where those are more. */
function familyOf({ spec, questions = 0 }: Results): number {
  return Math.max(1, comparedArms(spec).length - 1, questions);
}

function targetOf({ spec, arms, classes }: Results, baseline: string): number | null {
  const first = new Set(spec.seeds.slice(0, lookCounts(spec)[0]));
  const reached = arms.filter(({ plan }) => plan.arm === baseline && first.has(seedOf(plan)))
    .filter((record) => !failed(record, classes))
    .flatMap((record) => {
      const held = finalEval(record, "validation");
      return held ? [scoreOf(held)] : [];
    });
  return reached.length === 0 ? null : TARGET_SHARE * mean(reached);
}

/** The smallest difference that the metric can show. */
function resolutionOf({ images, arms }: Results, metric: Metric): number {
  return metricEntry(metric)?.resolution({ images, evalEvery: arms[0]?.plan.eval_every ?? 0 }) ?? 0;
}
