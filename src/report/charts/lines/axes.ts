import { escapePlotly } from "../../format/text.ts";
import { type Attributes, axisTitle } from "../plotly_layout.ts";
import { roundTicks } from "../scale.ts";
import type { LineChart, Mark } from "./chart.ts";

/** Ticks that the axis on top aims at. */
const UPPER_TICKS = 5;

/** A horizontal line over the whole width. */
export function levelShape({ value }: Mark): Attributes {
  return {
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: value,
    y1: value,
    line: { color: "@muted", width: 1, dash: "dot" },
  };
}

/** The level's name at its right end. */
export function levelLabel({ label, value }: Mark, { y }: LineChart): Attributes {
  return {
    text: escapePlotly(label),
    xref: "paper",
    x: 1,
    xanchor: "right",
    y: y.scale === "log" ? Math.log10(value) : value,
    yanchor: "bottom",
    showarrow: false,
    // Curves go over the line, and would hide its name.
    bgcolor: "@paper/0.8",
    font: { size: 11, color: "@muted" },
  };
}

/** A vertical line from bottom to top. */
export function markShape({ value }: Mark): Attributes {
  return {
    type: "line",
    yref: "paper",
    y0: 0,
    y1: 1,
    x0: value,
    x1: value,
    line: { color: "@ink", width: 1, dash: "dot" },
  };
}

/**
 * Labels of neighbours stand on rows of their own, the first on top, on a ground that curves do not shine through;
 * each on the side of its line where there is more room.
 */
export function markLabel({ label, value }: Mark, index: number, chart: LineChart): Attributes {
  const [first, last] = rangeAround(chart);
  const x = onAxis(chart, value);
  const isLeft = x < (first + last) / 2;
  return {
    text: escapePlotly(label),
    x,
    xanchor: isLeft ? "left" : "right",
    xshift: isLeft ? 3 : -3,
    yref: "paper",
    y: 1 - 0.07 * index,
    yanchor: "top",
    showarrow: false,
    bgcolor: "@paper/0.8",
    font: { size: 11, color: "@ink" },
  };
}

/** The x axis from its curves alone: Plotly would make room for labels of marks too. */
export function rangeAround(chart: LineChart): [number, number] {
  const all = chart.lines.flatMap(({ x }) => x).map((x) => onAxis(chart, x));
  if (all.length === 0) return [0, 1];
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const margin = 0.03 * (last - first) || 0.5;
  return [first - margin, last + margin];
}

/** A value as Plotly wants it in ranges and annotations: on a log axis, its logarithm. */
function onAxis({ x: { scale } }: LineChart, value: number): number {
  return scale === "log" ? Math.log10(value) : value;
}

/** Plotly draws an axis only where a trace lies on it. */
export function anchorTrace(chart: LineChart): Attributes {
  const x = chart.lines[0]?.x[0] ?? 0;
  return {
    type: "scatter",
    x: [x],
    y: [null],
    xaxis: "x2",
    showlegend: false,
    hoverinfo: "skip",
    meta: {},
  };
}

/** An axis in the same units as the lower one, so that zooming keeps both together; only its labels differ. */
export function upperAxis(chart: LineChart, above: NonNullable<LineChart["above"]>): Attributes {
  const last = Math.max(0, ...chart.lines.map((line) => line.x.at(-1) ?? 0)) / above.every;
  const ticks = roundTicks(0, last, UPPER_TICKS);
  return {
    margin: { l: 56, r: 16, t: 48, b: 48 },
    xaxis2: {
      title: axisTitle(above.title),
      linecolor: "@rule",
      ticks: "outside",
      tickcolor: "@rule",
      zeroline: false,
      showgrid: false,
      automargin: true,
      side: "top",
      overlaying: "x",
      matches: "x",
      tickvals: ticks.map((tick) => tick * above.every),
      ticktext: ticks.map((tick) => String(Number(tick.toPrecision(6)))),
    },
  };
}
