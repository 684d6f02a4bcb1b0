import { type Expectation, verdictOf } from "#stats/verdict.ts";
import type { PairedDifference } from "#stats/paired.ts";
import { differenceText } from "./difference_text.ts";
import type { Asked, Question } from "./exercise.ts";
import type { Evidence } from "./experiment/evidence.ts";
import { countsText, judge } from "./judgement.ts";
import { type Metric, metricEntry, metricName, unitOf } from "#results/metrics.ts";
import { runKey } from "#spec/plan.ts";
import { writtenRate } from "#spec/tuned.ts";
import type { RunRecord } from "#results/run.ts";

interface Comparing {
  readonly arm: string;
  readonly against: string;
  readonly metric: Metric;
  /** Of the other arm, where it is another: an ensemble's accuracy against a single model's. */
  readonly againstMetric?: Metric;
  readonly expect: Expectation;
  /** The largest difference that does not matter, on the metric's own scale; the spec's or metric's if not given. */
  readonly margin?: number;
}

/** Asks whether one arm differs from another as expected, paired over seeds; they may be one and the same. */
export function comparing(asked: Asked, compared: Comparing): Question {
  const { arm, against, metric, againstMetric = metric } = compared;
  const { unit } = unitOf(metric);
  return {
    ...asked,
    unit,
    metric,
    needs: { arms: [...new Set([arm, against])] },
    answer: (evidence) => {
      const rate = againstMetric === metric && arm !== against
        ? sharedRate(evidence.records(arm), evidence.records(against))
        : null;
      return rate === null ? compare(evidence, compared) : sameRuns(evidence, compared, rate);
    },
  };
}

function compare(
  evidence: Evidence,
  { arm, against, metric, againstMetric = metric, expect, margin = evidence.margin(metric) }: Comparing,
): ReturnType<Question["answer"]> {
  const { unit, scale } = unitOf(metric);
  const measured = evidence.measure(arm, against, metric, againstMetric);
  const failures = evidence.failing(arm, against, metric);
  const isSteps = metric === "steps_to_target";
  const failing = isSteps ? "does not reach the target" : "fails";
  const { better } = metricEntry(metric)!;
  const other = againstMetric === metric ? against : `${metricName(againstMetric)} of ${against}`;
  const target = isSteps && evidence.target !== null ? ` (target: ${targetText(evidence)})` : "";
  const failed = failures.arm + failures.against === 0
    ? ""
    : `; ${arm} ${countsText(failures, failing)}, and these seeds are left out`;
  return {
    verdict: judge({ measured, failures }, expect, {
      unit,
      scale,
      better,
      failing,
      ...(margin !== undefined && { margin }),
    }),
    text: `${metricName(metric)} of ${arm} minus ${other}: ${
      differenceText(measured, unit, scale)
    }${target}${failed}.`,
  };
}

function targetText({ target, score }: Pick<Evidence, "target" | "score">): string {
  if (score === "test_perplexity") return `validation perplexity ${(1 / target!).toFixed(2)}`;
  return `${(100 * target!).toFixed(1)} % validation ${score === "test_dice" ? "Dice" : "accuracy"}`;
}

/** Two arms that came to be one, because tuning gave both the same rate: there is nothing to measure between them. */
function sameRuns(
  evidence: Evidence,
  { arm, against, metric, expect, margin = evidence.margin(metric) }: Comparing,
  rate: unknown,
): ReturnType<Question["answer"]> {
  const { scale } = unitOf(metric);
  const runs = evidence.records(arm).length;
  const figures = { effect: 0, interval: [0, 0] as const, runs: 2 * runs };
  const isWithin = expect.kind === "within";
  return {
    verdict: isWithin
      ? { kind: "supported", ...figures }
      : { kind: "equivalent", ...figures, margin: scale * (margin ?? 0) },
    text: `Tuning gave ${arm} and ${against} the same rate, ${rate}, so they are the same runs (${
      runs === 1 ? "1 seed" : `${runs} seeds`
    }): with the rates that were tried there is no difference.`,
  };
}

/** The rate that makes two arms one; `null` where they differ. */
function sharedRate(arm: readonly RunRecord[], against: readonly RunRecord[]): unknown {
  const keys = (records: readonly RunRecord[]) => records.map(({ plan }) => runKey(plan)).sort().join();
  if (arm.length === 0 || keys(arm) !== keys(against)) return null;
  const { schedule } = arm[0]!.plan;
  return writtenRate(schedule);
}

interface Measured {
  /** As a sentence names it: `largest norm of the gradient in the first epoch`. */
  readonly what: string;
  readonly unit: string;
  /** `null` where the run has no such figure. */
  readonly of: (record: RunRecord) => number | null;
  /** False for a run that was not to be measured, whose seed is then left out; all are if not given. */
  readonly among?: (record: RunRecord) => boolean;
  readonly arm: string;
  /** Absent: against zero. */
  readonly against?: string;
  /** The smallest difference that can be seen; 0 if not given. */
  readonly resolution?: number;
  /** True for a count: whole numbers, exact. */
  readonly counted?: boolean;
  /** Bounds of a run's figure, which also bound the interval of a difference. */
  readonly range?: readonly [number, number];
  readonly expect: Expectation;
  /** The largest difference that does not matter, in the figure's unit; none if not given. */
  readonly margin?: number;
}

/** Asks about a figure of each run that is no metric, such as one of its first steps: paired over seeds. */
export function measuring(
  asked: Asked,
  {
    what,
    unit,
    of,
    among = () => true,
    arm,
    against,
    resolution = 0,
    counted = false,
    range,
    expect,
    margin,
  }: Measured,
): Question {
  return {
    ...asked,
    unit,
    needs: { arms: against === undefined ? [arm] : [arm, against] },
    answer: ({ records, difference }) => {
      const values = (name: string) =>
        new Map(records(name).filter(among).map((record) => [record.plan.seed, of(record)] as const));
      const own = values(arm);
      const other = against === undefined
        ? new Map([...own.keys()].map((seed) => [seed, 0]))
        : values(against);
      const measured = within(difference(own, other, { resolution, counted }), range, against !== undefined);
      const pair = against === undefined ? arm : `${arm} minus ${against}`;
      return {
        verdict: verdictOf(measured, expect, { unit, ...(margin !== undefined && { margin }) }),
        text: `${what} of ${pair}: ${differenceText(measured, unit, 1)}.`,
      };
    },
  };
}

/** The interval cut to where a figure lies, or a difference of two. */
function within(
  measured: PairedDifference,
  range: readonly [number, number] | undefined,
  isDifference: boolean,
): PairedDifference {
  if (!range || !measured.interval) return measured;
  const width = range[1] - range[0];
  const [least, most] = isDifference ? [-width, width] : range;
  const [low, high] = measured.interval;
  return { ...measured, interval: [Math.max(least, low), Math.min(most, high)] };
}
