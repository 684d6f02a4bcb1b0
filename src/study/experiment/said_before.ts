import { median } from "#lib/median.ts";
import { canonicalJson } from "#lib/json.ts";
import { lineageOf } from "#results/final.ts";
import { figuresOf, metricEntry } from "#results/metrics.ts";
import type { RunRecord } from "#results/run.ts";
import type { ArmSummary, Summary } from "#results/summary.ts";
import { type RankCorrelation, ranks, spearman } from "#stats/spearman.ts";
import { mean } from "#stats/summary.ts";
import { peakOf } from "#theory/convex_bound.ts";
import { predict, type Prediction } from "#theory/prediction.ts";

/** An arm's bound by convex theory, and its results. */
export interface ForetoldArm {
  readonly arm: string;
  readonly prediction: Prediction;
  /** The arm's peak rate over the best one of its shape, in the unit of rates that {@link SaidBefore.tuned} give. */
  readonly rateOverBest: number;
  /** The bound at that rate, over linear decay's at its best one. */
  readonly boundRatio: number;
  /** Of that bound, from 1, the smallest first; equal ones share the mean of their ranks. */
  readonly rank: number;
  /** Mean over the runs that did not fail; `null` where all failed. */
  readonly results: readonly { readonly mean: number | null; readonly rank: number | null }[];
  readonly failed: number;
  readonly runs: number;
}

/** A comparison that the evidence decides, in the direction that the bound excludes. */
export interface WrongOrder {
  readonly arm: string;
  readonly against: string;
  readonly metric: string;
}

/** Theory's order of an experiment's arms against that of the evidence. */
export interface SaidBefore {
  /** Arms whose rates give the unit of rates, D/G: those that were tuned, all where none was. */
  readonly tuned: readonly string[];
  readonly arms: readonly ForetoldArm[];
  /** Metrics of the results, in the order of {@link ForetoldArm.results}. */
  readonly metrics: readonly string[];
  /** Of the bound at the arm's rate and each metric, positive where they agree; `null` below three arms. */
  readonly correlations: readonly (RankCorrelation | null)[];
  /** The same of the bound at the best rate of each shape and the first metric. */
  readonly atBestRates: RankCorrelation | null;
  readonly wrong: readonly WrongOrder[];
  /** Comparisons that the evidence decides and the bound orders. */
  readonly decided: number;
  /** Arms that are left out, since more than their schedule differs. */
  readonly others: readonly string[];
}

/** Bounds closer than this, over linear decay's, are the same: recorded rates have 32 bits. */
const SAME = 1e-6;

/**
 * The convex bound of each arm, from the rates that its longest run recorded, against its results. D/G, the unit of rates, is
 * the median over tuned arms of their rate over the best one of their shape; all are bounded at the rates that they had. So the
 * tuned rates go into it, and no result. Arms are compared that differ in their schedule alone: the largest such group.
 * A run that continues another has the rates of both.
 *
 * @returns `null` where there are not two such arms with different bounds, and a `string` that says why where several arms
 * were compared.
 */
export function saidBefore(summary: Summary, records: readonly RunRecord[]): SaidBefore | string | null {
  const compared = summary.arms.filter(({ compared }) => compared !== false);
  if (compared.length < 2 || records.length === 0 || summary.comparisons.length === 0) return null;
  const shaped = compared.flatMap((arm) => {
    // A run that diverged has not used all of its rates.
    const [record] = records.filter(({ plan }) => plan.role === "arm" && plan.arm === arm.name)
      .toSorted((a, b) => b.events.length - a.events.length);
    return record === undefined ? [] : [{ arm, lineage: lineageOf(record, records) }];
  });
  const whole = shaped.filter(({ lineage }) => isOneRun(lineage));
  const groups = Map.groupBy(whole, ({ lineage }) => settingsOf(lineage.at(-1)!));
  const [group = []] = [...groups.values()].toSorted((a, b) => b.length - a.length);
  if (group.length < 2) {
    return "The bound orders schedules where nothing else differs; here no two arms are alike in all but their schedule.";
  }
  const foretold = group.flatMap(({ arm, lineage }) => {
    const rates = Float64Array.from(lineage.flatMap((record) => [...ratesOf(record)]));
    const prediction = predict(rates);
    return prediction === null ? [] : [{ arm, prediction, peak: peakOf(rates) }];
  });
  if (foretold.length < 2) return null;
  return against(placed(foretold, summary), summary, compared.map(({ name }) => name));
}

interface Foretold {
  readonly arm: ArmSummary;
  readonly prediction: Prediction;
  /** The largest rate that was used. */
  readonly peak: number;
}

interface Placed extends Foretold {
  readonly rateOverBest: number;
  readonly boundRatio: number;
  readonly isTuned: boolean;
}

/** The bounds at the rates that were used. At x times the best rate the bound is (x + 1/x)/2 times the smallest. */
function placed(foretold: readonly Foretold[], { tuning }: Summary): Placed[] {
  const isIn = ({ arm }: Foretold) => tuning.some((tuned) => tuned.arm === arm.name);
  const none = !foretold.some(isIn);
  const units = foretold.filter((one) => none || isIn(one)).map(({ peak, prediction }) =>
    peak / prediction.bestRate
  );
  const unit = Math.exp(median(units.map(Math.log)));
  return foretold.map((one) => {
    const rateOverBest = one.peak / one.prediction.bestRate / unit;
    const boundRatio = rounded(one.prediction.boundRatio * (rateOverBest + 1 / rateOverBest) / 2);
    return { ...one, rateOverBest, boundRatio, isTuned: none || isIn(one) };
  });
}

const rounded = (value: number) => Math.round(value / SAME) * SAME;

/** A run from fresh weights, or one that continues such a run with the same settings: its rates are those of both. */
function isOneRun(lineage: readonly RunRecord[]): boolean {
  const isMember = lineage.some(({ plan }) => plan.member !== undefined);
  const settings = lineage.map((record) => settingsOf(record, lineage.at(-1)!.plan.total_steps));
  return !isMember && lineage[0]!.plan.start === undefined && new Set(settings).size === 1;
}

/** Everything that decides the numbers of a run's own weights but its schedule, seed and name. */
function settingsOf({ plan }: RunRecord, total_steps: number = plan.total_steps): string {
  const { dataset, model, optimizer, loss, batch_size, accumulate } = plan;
  return canonicalJson({ dataset, model, optimizer, loss, batch_size, accumulate, total_steps });
}

/** The rates that a run used; a run that ended early has those of its steps. */
export function ratesOf({ events }: RunRecord): Float64Array {
  return Float64Array.from(events.flatMap((event) => event.kind === "step" ? event.lr : []));
}

function against(
  foretold: readonly Placed[],
  { comparisons }: Summary,
  compared: readonly string[],
): SaidBefore {
  const runs = foretold.flatMap(({ arm }) => arm.runs);
  const metrics = METRICS.filter((metric) => runs.some((run) => figureOf(run, metric) !== null))
    .filter((metric, _, all) => metric !== "test_accuracy" || !all.includes("test_dice"));
  const means = metrics.map((metric) => foretold.map(({ arm }) => meanOf(arm, metric)));
  const bounds = foretold.map(({ boundRatio }) => boundRatio);
  const names = foretold.map(({ arm }) => arm.name);
  const boundRanks = ranks(bounds);
  const resultRanks = means.map((values, index) => ranksOf(values, metrics[index]!));
  const judged = comparisons.filter(({ metric, arm, against, verdict }) =>
    metric === metrics[0] && (verdict === "higher" || verdict === "lower") &&
    names.includes(arm) && names.includes(against) && boundOf(arm) !== boundOf(against)
  );
  function boundOf(name: string): number {
    return bounds[names.indexOf(name)]!;
  }
  return {
    metrics,
    tuned: foretold.filter(({ isTuned }) => isTuned).map(({ arm }) => arm.name),
    arms: foretold.map(({ arm, prediction, rateOverBest, boundRatio }, index) => ({
      arm: arm.name,
      prediction,
      rateOverBest,
      boundRatio,
      rank: boundRanks[index]!,
      results: metrics.map((_, at) => ({ mean: means[at]![index]!, rank: resultRanks[at]![index]! })),
      failed: arm.runs.filter(isFailed).length,
      runs: arm.runs.length,
    })),
    correlations: resultRanks.map((found) => agreement(bounds, found)),
    atBestRates: resultRanks.length === 0
      ? null
      : agreement(foretold.map(({ prediction }) => rounded(prediction.boundRatio)), resultRanks[0]!),
    wrong: judged.filter(({ arm, against, metric, verdict }) => {
      const isBetter = (verdict === "higher") === (metricEntry(metric)!.better === "higher");
      return isBetter !== boundOf(arm) < boundOf(against);
    }).map(({ arm, against, metric }) => ({ arm, against, metric })),
    decided: judged.length,
    others: compared.filter((name) => !names.includes(name)),
  };
}

/** Spearman's correlation of bounds and ranks of results, over the arms that have results. */
function agreement(bounds: readonly number[], found: readonly (number | null)[]): RankCorrelation | null {
  const kept = bounds.flatMap((bound, index) => found[index] == null ? [] : [[bound, found[index]] as const]);
  return spearman(kept.map(([bound]) => bound), kept.map(([, rank]) => rank));
}

/** Metrics that bounds are set against, the main one first: of images with masks Dice in place of accuracy. */
const METRICS = ["test_dice", "test_accuracy", "training_loss"] as const;

const figureOf = (run: ArmSummary["runs"][number], metric: typeof METRICS[number]) =>
  figuresOf(run)[metric] ?? null;

const isFailed = ({ diverged, failed }: ArmSummary["runs"][number]) => diverged || failed === true;

function meanOf({ runs }: ArmSummary, metric: typeof METRICS[number]): number | null {
  const values = runs.filter((run) => !isFailed(run)).flatMap((run) => figureOf(run, metric) ?? []);
  return values.length === 0 ? null : mean(values);
}

/** Ranks of results, the best first; `null` where there is none. */
function ranksOf(values: readonly (number | null)[], metric: typeof METRICS[number]): (number | null)[] {
  const sign = metricEntry(metric)!.better === "higher" ? -1 : 1;
  const found = ranks(values.flatMap((value) => value === null ? [] : sign * value));
  return values.map((value) => value === null ? null : found.shift()!);
}
