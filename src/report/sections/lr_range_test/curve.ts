import type { RangeTestResult } from "#results/lr_range.ts";
import { alignBySteps } from "#stats/curves.ts";
import { RULE_NAMES } from "#stats/rate_suggestions.ts";
import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { compact, counted } from "#lib/numbers.ts";

/** Names of a range test's curves. */
export const SMOOTHED = "smoothed loss";
export const RAW = "batch loss, mean over seeds";

/** The smoothed loss over the rate for a terminal: mean over seeds, and the lowest and highest seed as lines. */
export function rangeTestChart(result: RangeTestResult): LineChart {
  const { smoothed } = curves(result);
  const several = result.runs.length > 1;
  const plain = (label: string, y: readonly number[]): Line => ({ ...smoothed, label, y, band: null });
  return {
    ...chartOf(result),
    y: { title: "smoothed training loss (nats)", scale: "linear", decimals: 3 },
    lines: [
      ...(several
        ? [plain("lowest seed", smoothed.band!.low), plain("highest seed", smoothed.band!.high)]
        : []),
      plain(several ? "mean" : SMOOTHED, smoothed.y),
    ],
  };
}

/** The loss over the learning rate, with the suggested rates marked. */
export function curveFigure(result: RangeTestResult): Figure {
  const { ramp, smoothing } = result;
  const { smoothed } = curves(result);
  const chart = chartOf(result);
  const marks = chart.marks ?? [];
  const lowest = Math.min(...smoothed.y);
  return {
    kind: "figure",
    id: "loss-over-rate",
    title: "Training loss while the learning rate rises",
    width: "full",
    caption: `Line: mean over seeds; band: lowest to highest. The average lags by about ${
      counted(Math.round(smoothing / (1 - smoothing)), "step")
    }.`,
    alt:
      `Training loss over the learning rate from ${compact(ramp.from)} to ${
        compact(ramp.to)
      }; the smoothed loss ` +
      `is lowest, ${compact(lowest)} nats, at ${compact(smoothed.x[smoothed.y.indexOf(lowest)] ?? NaN)}. ` +
      (marks.length > 0
        ? `Suggested: ${marks.map(({ label }) => label).join("; ")}.`
        : "No rate is suggested."),
    chart,
    ...(smoothed.y.length > 0 && { terminal: rangeTestChart(result) }),
  };
}

function chartOf(result: RangeTestResult): LineChart {
  const { ramp, suggestions } = result;
  const { smoothed, raw } = curves(result);
  const scale = ramp.shape === "exponential" ? "log" : "linear";
  return {
    kind: "lines",
    x: {
      title: `learning rate${scale === "log" ? " (log scale)" : ""}`,
      scale,
      decimals: "significant",
      ...(scale === "log" && ramp.to / ramp.from > 1e3 && { ticks: decades(ramp.from, ramp.to) }),
    },
    y: { title: "training loss (nats)", scale: "linear", decimals: 3 },
    above: null,
    lines: [raw, smoothed],
    levels: [],
    marks: suggestions.flatMap(({ rule, lr }) =>
      lr === null ? [] : [{ label: `${RULE_NAMES[rule]} ${compact(lr)}`, value: lr }]
    ).sort((a, b) => a.value - b.value),
  };
}

/** Powers of ten: over many decades the labels of 2 and 5 times them would overlap. */
function decades(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(`1e${first + i}`));
}

/** Losses over the rates, which are the same for all seeds; losses above the ceiling are left out. */
function curves({ runs }: RangeTestResult): { smoothed: Line; raw: Line } {
  const longest = runs.reduce<readonly number[]>((all, { lr }) => lr.length > all.length ? lr : all, []);
  const joined = (of: (run: typeof runs[number]) => readonly (number | null)[]) =>
    alignBySteps(runs.map((run) => {
      const top = ceiling(run.smoothed);
      return {
        steps: run.lr.map((_, step) => step),
        values: of(run).map((value) => value !== null && value <= top ? value : NaN),
      };
    }));
  const line = (series: number, label: string, band: ReturnType<typeof joined>): Line => ({
    series,
    label,
    x: band.steps.map((step) => longest[step]!),
    y: band.mean,
    band: { low: band.low, high: band.high },
    style: "curve",
    chosen: null,
  });
  return {
    smoothed: line(0, SMOOTHED, joined(({ smoothed }) => smoothed)),
    raw: { ...line(1, RAW, joined(({ loss }) => loss)), band: null },
  };
}

/** Highest loss that is drawn: four times the lowest smoothed loss, or the highest one before that. */
function ceiling(smoothed: readonly (number | null)[]): number {
  const values = smoothed.map((value) => value ?? Infinity);
  const lowest = Math.min(...values);
  return Math.max(4 * lowest, ...values.slice(0, values.indexOf(lowest)));
}
