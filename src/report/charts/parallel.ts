import { MISSING } from "#lib/numbers.ts";
import { escapePlotly, shortened } from "../format/text.ts";
import { toCsv } from "../render/csv.ts";
import { terminalTable } from "../render/terminal_table.ts";
import { left, right, type Table, tableOf } from "../table.ts";
import type { ChartKind } from "./kind.ts";
import { HEAT_LEVELS } from "./palette.ts";
import { type Attributes, baseLayout, LABEL_LENGTH, type PlotlyFigure } from "./plotly_layout.ts";

/** Parallel coordinates: an upright axis for each setting, and a line through its values for each cell. */
export interface ParallelChart {
  readonly kind: "parallel";
  readonly axes: readonly ParallelAxis[];
  readonly valueTitle: string;
  readonly lines: readonly ParallelLine[];
}

interface ParallelAxis {
  readonly title: string;
  /** Labels from the bottom, 0, to the top, 1. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface ParallelLine {
  readonly label: string;
  /** Height on each axis, 0 … 1; a line may end before the last one. */
  readonly at: readonly number[];
  /** Decides the colour; `null` for none. */
  readonly value: number | null;
  /** The line's value on each axis as text, for the table. */
  readonly text: readonly string[];
  /** True for a heavy line. */
  readonly strong: boolean;
}

/** Lines across upright axes. */
export const PARALLEL: ChartKind<ParallelChart> = {
  kind: "parallel",
  plotly: parallelFigure,
  table: parallelTable,
  csv: ({ axes, valueTitle, lines }) =>
    toCsv(
      ["line", ...axes.map(({ title }) => title), valueTitle],
      lines.map(({ label, text, value }) => [label, ...axes.map((_, axis) => text[axis] ?? null), value]),
    ),
  text: (chart, { columns }) => terminalTable(parallelTable(chart, ""), { width: columns }),
};

function parallelTable({ axes, lines }: ParallelChart, caption: string): Table {
  return tableOf(lines, {
    caption,
    columns: [
      left("", ({ label }) => label),
      ...axes.map(({ title }, axis) => right(title, ({ text }: ParallelLine) => text[axis] ?? MISSING)),
    ],
  });
}

/** Margin to the left and right, in pixels. */
const SIDE = 24;

/** Upright axes side by side, drawn as shapes: the cartesian bundle has no trace for parallel coordinates. */
function parallelFigure(chart: ParallelChart): PlotlyFigure {
  const values = chart.lines.flatMap(({ value }) => value ?? []);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const levelOf = (value: number) => Math.round(((value - low) / (high - low || 1)) * (HEAT_LEVELS - 1));
  // What matters lies on top: heavy lines last, and high values after low ones.
  const ordered = chart.lines.toSorted((a, b) =>
    Number(a.strong) - Number(b.strong) || (a.value ?? -Infinity) - (b.value ?? -Infinity)
  );
  return {
    data: ordered.map((line) =>
      lineTrace(line, line.value === null ? "@muted" : `@heat-line-${levelOf(line.value)}`)
    ),
    layout: {
      ...baseLayout(440),
      margin: { l: SIDE, r: SIDE, t: 64, b: 24 },
      hovermode: "closest",
      xaxis: { visible: false, range: [-0.25, chart.axes.length - 0.75], fixedrange: true },
      yaxis: { visible: false, range: [-0.06, 1.06], fixedrange: true },
      shapes: chart.axes.map((_, x) => ({
        type: "line",
        x0: x,
        x1: x,
        y0: 0,
        y1: 1,
        layer: "below",
        line: { color: "@muted", width: 1 },
      })),
      annotations: chart.axes.flatMap(({ title, ticks }, x) => [
        text(title, {
          x,
          y: 1,
          yref: "paper",
          yanchor: "bottom",
          // Neighbours stand at two heights, and the outer ones reach inwards, so that they stay apart on a phone.
          yshift: x % 2 === 0 ? 0 : 18,
          xanchor: x === 0 ? "left" : x === chart.axes.length - 1 ? "right" : "center",
          xshift: x === 0 ? -SIDE : x === chart.axes.length - 1 ? SIDE : 0,
          font: { size: 13, color: "@ink" },
        }),
        ...ticks.map(({ at, label }) =>
          text(label, {
            x,
            y: at,
            xanchor: "right",
            xshift: -8,
            font: { size: 12, color: "@ink" },
            bgcolor: "@paper/0.8",
          })
        ),
      ]),
    },
  };
}

function lineTrace({ label, at, strong, text }: ParallelLine, color: string): Attributes {
  return {
    type: "scatter",
    name: escapePlotly(shortened(label, LABEL_LENGTH)),
    x: at.map((_, axis) => axis),
    y: [...at],
    mode: "lines+markers",
    line: { color, width: strong ? 3 : 1.5, dash: strong ? "solid" : "dot", simplify: false },
    marker: { color, size: strong ? 8 : 5, symbol: strong ? "circle" : "circle-open" },
    text: [label, ...text].map(escapePlotly).join("<br>"),
    hovertemplate: "%{text}<extra></extra>",
    cliponaxis: false,
    meta: {},
  };
}

function text(label: string, place: Attributes): Attributes {
  return { text: escapePlotly(shortened(label, LABEL_LENGTH)), showarrow: false, ...place };
}
