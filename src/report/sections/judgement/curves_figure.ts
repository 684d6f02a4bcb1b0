import { alignBySteps } from "#stats/curves.ts";
import type { JudgedGroup, Judgement } from "#results/judgement.ts";
import type { LoggedGroup, LoggedSeries } from "#study/logged_runs/model.ts";
import type { Line, SeedCurve } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";
import { bandLine, isWide } from "../curves/arm_lines.ts";
import type { JudgedStyle } from "./metric_text.ts";

/** Stretches that curves are averaged over. */
const STRETCHES = 150;

/** The metric over training, a line a group: mean of the runs that finished, with the band from lowest to highest. */
export function judgedCurves(
  { groups }: Judgement,
  logged: readonly LoggedGroup[],
  style: JudgedStyle,
): Figure[] {
  const series = logged.flatMap(({ runs }) => runs.flatMap(({ metric }) => metric ?? []));
  const last = Math.max(0, ...series.map(({ steps }) => steps[steps.length - 1] ?? 0));
  if (series.every(({ steps }) => steps.length < 2)) return [];
  const lines = groups.map((group, index) => lineOf(group, index, logged[index]!, last, style));
  const scale = style.unit === "points" || !isWide(lines) ? "linear" : "log";
  const unit = style.valueUnit && ` (${style.valueUnit}${scale === "log" ? ", log scale" : ""})`;
  const ends = lines.filter(({ y }) => y.length > 0).map(({ label, y }) =>
    `${label} ends at ${y.at(-1)!.toFixed(style.decimals)}`
  );
  return [{
    kind: "figure",
    id: "curves",
    title: `${style.metric} of each group`,
    width: "full",
    caption: "Mean over runs, lowest to highest run; cross: failed.",
    alt: `${style.metric} over training. ${ends.join("; ")}.`,
    chart: {
      kind: "lines",
      x: { title: series[0]?.unit ?? "step", scale: "linear", decimals: 0 },
      y: { title: style.metric + unit, scale, decimals: style.decimals },
      above: null,
      lines: lines.filter(({ x, runs = [] }) => x.length > 0 || runs.length > 0),
      levels: [],
    },
  }];
}

function lineOf(
  group: JudgedGroup,
  index: number,
  logged: LoggedGroup,
  last: number,
  { scale }: JudgedStyle,
): Line {
  const curves = logged.runs.flatMap(({ metric }, at): (SeedCurve & { isKept: boolean })[] => {
    if (metric === null || metric.steps.length === 0) return [];
    const { seed, state } = group.runs[at]!;
    const number = Number(seed ?? NaN);
    return [{
      seed: Number.isSafeInteger(number) ? number : at + 1,
      ...averaged(metric, last, scale),
      failed: state === "failed",
      isKept: state === "finished",
    }];
  });
  const kept = curves.filter(({ isKept }) => isKept).map(({ x, y }) => ({ steps: x, values: y }));
  return {
    ...bandLine(group.name, index, alignBySteps(kept), "curve"),
    runs: curves.map(({ isKept: _, ...curve }) => curve),
  };
}

/**
 * The mean over each stretch of steps, at its end: runs that were logged at steps of their own share these, and a curve
 * of a million points takes no more than a hundred and fifty.
 */
function averaged(
  { steps, values }: LoggedSeries,
  last: number,
  scale: number,
): { x: number[]; y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  const width = last / STRETCHES;
  let [stretch, sum, count] = [-1, 0, 0];
  const put = () => {
    if (count > 0) [x[x.length], y[y.length]] = [Math.round(stretch * width), scale * sum / count];
  };
  for (let i = 0; i < steps.length; i++) {
    const next = width > 0 ? Math.ceil(steps[i]! / width) : 0;
    if (next !== stretch) {
      put();
      [stretch, sum, count] = [next, 0, 0];
    }
    if (Number.isFinite(values[i]!)) [sum, count] = [sum + values[i]!, count + 1];
  }
  put();
  return { x, y };
}
