import type { CandidateResult, RangeTestResult } from "#results/lr_range.ts";
import { type ScoreName, scoreOfMetric } from "#results/score.ts";
import type { IntervalChart } from "../../charts/intervals.ts";
import type { Line } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { compact, counted, fixed } from "#lib/numbers.ts";
import { failuresOf } from "./headline.ts";

/** Validation accuracy of the short runs over the rate, failed runs marked, with the recommended rate; nothing without short runs. */
export function accuracyFigure({ validation, recommended }: RangeTestResult): Figure[] {
  if (validation === null) return [];
  const { candidates, fails_from = null, steps, metric } = validation;
  const score = scoreOfMetric(metric);
  const measured = candidates.filter(({ accuracy }) => accuracy !== null);
  if (measured.length === 0) return [];
  const marks = [
    ...(recommended === null ? [] : [{ label: `recommended ${compact(recommended)}`, value: recommended }]),
    ...(fails_from === null ? [] : [{ label: `runs fail ${compact(fails_from)}`, value: fails_from }]),
  ];
  return [{
    kind: "figure",
    id: "validation-accuracy",
    title: `Validation ${score} of short runs`,
    width: "half",
    caption: `After ${counted(steps, "step")}. Mean and 95 % interval. Crosses: failed runs.`,
    alt: `Validation ${score} of short runs. ${
      measured.map((one) => `${compact(one.lr)}: ${fixed(100 * one.accuracy!, 1)} %${failureText(one)}`).join(
        "; ",
      )
    }.${marks.length > 0 ? ` Marked: ${marks.map(({ label }) => label).join("; ")}.` : ""}`,
    chart: {
      kind: "lines",
      bands: "interval",
      x: {
        title: "learning rate (log scale)",
        scale: "log",
        decimals: "significant",
        ticks: onesAndThrees(candidates.map(({ lr }) => lr)),
      },
      y: { title: `validation ${score} (%)`, scale: "linear", decimals: 1 },
      above: null,
      lines: [meanLine(measured), ...failedRuns(candidates)],
      levels: [],
      marks,
    },
    terminal: accuracyRows(measured, score),
  }];
}

/** The same for a terminal: a row a rate, with the interval of its accuracy. */
function accuracyRows(measured: readonly CandidateResult[], score: ScoreName): IntervalChart {
  return {
    kind: "intervals",
    x: { title: `validation ${score} (%)`, scale: "linear", decimals: 1 },
    reference: null,
    rows: measured.map((one) => ({
      label: `${compact(one.lr)}${failureText(one)}`,
      series: null,
      value: 100 * one.accuracy!,
      interval: one.interval && [100 * one.interval[0], 100 * one.interval[1]],
    })),
  };
}

/** 0.01, 0.03, 0.1, … within the rates: the labels of more would overlap on a narrow page. */
function onesAndThrees(rates: readonly number[]): number[] {
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const first = Math.floor(Math.log10(low));
  const decades = Math.ceil(Math.log10(high)) - first + 1;
  const ticks = Array.from(
    { length: decades },
    (_, i) => [Number(`1e${first + i}`), Number(`3e${first + i}`)],
  )
    .flat()
    .filter((tick) => tick >= low && tick <= high);
  return ticks.length > 0 ? ticks : [low, high];
}

/** Colours beyond those of the two curves of the ramps. */
const [ACCURACY, FAILED] = [2, 3];

function meanLine(measured: readonly CandidateResult[]): Line {
  const percent = (share: number) => 100 * share;
  return {
    series: ACCURACY,
    label: "mean over seeds",
    x: measured.map(({ lr }) => lr),
    y: measured.map(({ accuracy }) => percent(accuracy!)),
    band: {
      low: measured.map(({ accuracy, interval }) => percent(interval?.[0] ?? accuracy!)),
      high: measured.map(({ accuracy, interval }) => percent(interval?.[1] ?? accuracy!)),
    },
    bars: true,
    style: "points",
    chosen: null,
  };
}

function failedRuns(candidates: readonly CandidateResult[]): Line[] {
  const points = candidates.flatMap(({ lr, runs }) =>
    runs.filter(({ failed, diverged }) => failed ?? diverged).map(({ accuracy }) => ({
      x: lr,
      y: 100 * (accuracy ?? 0),
    }))
  );
  if (points.length === 0) return [];
  const label = "failed runs";
  return [{
    series: FAILED,
    label,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    band: null,
    style: "crosses",
    chosen: null,
  }];
}

const failureText = (one: CandidateResult) =>
  failuresOf(one) === 0 ? "" : `, ${failuresOf(one)} of ${one.runs.length} failed`;
