import { interval as intervalText } from "#lib/numbers.ts";
import { printable } from "#lib/printable.ts";
import { escapePlotly, shortened } from "../format/text.ts";
import { toCsv } from "../render/csv.ts";
import { aligned } from "../render/terminal_text.ts";
import { left, right, type Table, tableOf } from "../table.ts";
import { type Axis, valueText } from "./axis.ts";
import { beyond, intervalRange, type IntervalRow } from "./interval_range.ts";
import type { ChartKind, TextOptions } from "./kind.ts";
import { seriesStyle } from "./palette.ts";
import {
  type Attributes,
  axis,
  baseLayout,
  hoverFormat,
  LABEL_LENGTH,
  type PlotlyFigure,
} from "./plotly_layout.ts";
import { scaleOf } from "./scale.ts";

/** A value with an interval for each row, and a line to compare them with. */
export interface IntervalChart {
  readonly kind: "intervals";
  readonly x: Axis;
  readonly reference: number | null;
  readonly rows: readonly IntervalRow[];
  /** Differences from the reference up to this, either way, do not matter: that stretch is shaded. Absent for none. */
  readonly margin?: number;
}

/** Values with their intervals, a row each. */
export const INTERVALS: ChartKind<IntervalChart> = {
  kind: "intervals",
  plotly: intervalFigure,
  table: intervalsTable,
  csv: ({ x, rows }) =>
    toCsv(
      ["row", x.title, "low", "high"],
      rows.flatMap(({ label, value, interval, dots = [] }) => [
        [label, value, interval?.[0] ?? null, interval?.[1] ?? null],
        ...dots.map((dot) => [`${label}, seed ${dot.seed}`, dot.value, null, null]),
      ]),
    ),
  text: intervalsText,
};

function intervalsTable({ x, rows }: IntervalChart, caption: string): Table {
  const decimals = x.decimals === "significant" ? 3 : x.decimals;
  return tableOf(rows, {
    caption,
    columns: [
      left("", ({ label }) => label),
      right(x.title, ({ value }) => valueText(value, x)),
      right("interval", ({ interval }) => intervalText(interval, decimals)),
    ],
    series: ({ series }) => series,
  });
}

/** Columns of a row's value in a terminal, and the least that its bar gets. */
const [VALUE_COLUMNS, LEAST_BAR] = [10, 16];

/** A bar of characters for each row: `├──●──┤`, an arrow where it extends further, `│` at the reference. */
function intervalsText({ x, reference, rows }: IntervalChart, { columns }: TextOptions): string {
  const range = intervalRange(rows, reference);
  const longest = rows.reduce((most, { label }) => Math.max(most, label.length), 0);
  const labelColumns = Math.min(longest, Math.max(8, columns - VALUE_COLUMNS - LEAST_BAR - 2));
  const bar = Math.max(LEAST_BAR, Math.min(60, columns - labelColumns - VALUE_COLUMNS - 2));
  const { at } = scaleOf({ ...x, scale: "linear" }, range, { range: [0, bar - 1], count: 2 });
  const cell = (value: number) => Math.max(0, Math.min(bar - 1, Math.round(at(value))));
  return [
    ...rows.map((row) => {
      const cells = new Array<string>(bar).fill(" ");
      if (reference !== null) cells[cell(reference)] = "│";
      if (row.interval) {
        const [from, to] = row.interval.map(cell) as [number, number];
        const { low, high } = beyond(row, range);
        cells.fill("─", from, to + 1);
        cells[from] = low ? "◀" : "├";
        cells[to] = high ? "▶" : "┤";
      }
      cells[cell(row.value)] = row.interval ? "●" : "○";
      const label = aligned(printable(row.label), labelColumns, "left");
      return `${label} ${cells.join("")} ${
        aligned(valueText(row.value, x), VALUE_COLUMNS, "right").trimStart()
      }`;
    }),
    " ".repeat(labelColumns + 1) + x.title,
  ].map((line) => line.trimEnd()).join("\n");
}

/** Height of a row in pixels; lower where there are many. */
const [ROW, LOW_ROW, MANY] = [40, 32, 6];

/** A mark with a bar for each row, from the top down, and a line where the reference lies. */
function intervalFigure({ x, reference, rows, margin }: IntervalChart): PlotlyFigure {
  const line = { type: "line", yref: "paper", y0: 0, y1: 1, line: { color: "@ink", width: 1 } };
  const range = intervalRange(rows, reference);
  return {
    data: [
      ...rows.flatMap((row, index) => dotsTrace(row, index, x)),
      ...rows.map((row, index) => rowTrace(row, index, x)),
    ],
    layout: {
      ...baseLayout(74 + (rows.length > MANY ? LOW_ROW : ROW) * Math.max(2, rows.length)),
      hovermode: "closest",
      xaxis: { ...axis(x), range },
      yaxis: rowAxis(rows),
      annotations: rows.flatMap((row, index) => arrows(row, index, range)),
      shapes: reference === null ? [] : [
        ...(margin === undefined ? [] : [{
          type: "rect",
          layer: "below",
          yref: "paper",
          y0: 0,
          y1: 1,
          x0: reference - margin,
          x1: reference + margin,
          fillcolor: "@rule/0.55",
          line: { width: 0 },
        }]),
        { ...line, x0: reference, x1: reference },
      ],
    },
  };
}

/** An arrow where a bar extends beyond the chart. */
function arrows(row: IntervalRow, index: number, range: readonly [number, number]): Attributes[] {
  const { low, high } = beyond(row, range);
  const color = row.series === null ? "@ink" : seriesStyle(row.series).color;
  const arrow = (text: string, end: number, xanchor: string) => ({
    text,
    x: end,
    xanchor,
    y: index,
    showarrow: false,
    font: { size: 14, color },
  });
  return [
    ...low ? [arrow("◀", range[0], "left")] : [],
    ...high ? [arrow("▶", range[1], "right")] : [],
  ];
}

function rowTrace({ label, series, value, interval }: IntervalRow, index: number, x: Axis): Attributes {
  const format = hoverFormat(x);
  const style = series === null ? { color: "@ink", symbol: "circle" } : seriesStyle(series);
  const bar = interval && {
    error_x: {
      type: "data",
      symmetric: false,
      array: [interval[1] - value],
      arrayminus: [value - interval[0]],
      color: style.color,
      thickness: 2,
      width: 6,
    },
    customdata: [interval],
  };
  const bounds = interval ? ` [%{customdata[0]:${format}}, %{customdata[1]:${format}}]` : "";
  return {
    type: "scatter",
    name: escapePlotly(shortened(label, LABEL_LENGTH)),
    x: [value],
    y: [index],
    mode: "markers",
    // Hollow: one run has no interval, which is not to look like certainty.
    marker: { color: style.color, size: 10, symbol: interval ? style.symbol : `${style.symbol}-open` },
    hovertemplate: `%{x:${format}}${bounds}<extra></extra>`,
    meta: series === null ? {} : { series },
    ...bar,
  };
}

/** The seeds' own values, scattered a little about the row so that equal ones stay apart; the bar goes over them. */
function dotsTrace({ label, series, dots = [] }: IntervalRow, index: number, x: Axis): Attributes[] {
  if (dots.length === 0) return [];
  const { color } = series === null ? { color: "@muted" } : seriesStyle(series);
  return [{
    type: "scatter",
    name: `${escapePlotly(shortened(label, LABEL_LENGTH))}, seeds`,
    x: dots.map(({ value }) => value),
    y: dots.map((_, at) => index + SCATTER[at % SCATTER.length]!),
    mode: "markers",
    marker: { color: `${color}/0.55`, size: 7, symbol: "circle", line: { color: "@paper", width: 1 } },
    customdata: dots.map(({ seed }) => seed),
    hovertemplate: `seed %{customdata}: %{x:${hoverFormat(x)}}<extra></extra>`,
    meta: { ...(series === null ? {} : { series }), seeds: dots.map(({ seed }) => seed) },
  }];
}

/** Places of dots about their row, as shares of its height. */
const SCATTER = [-0.2, 0.2, -0.28, 0.28, -0.12, 0.12, -0.24, 0.24];

function rowAxis(rows: readonly IntervalRow[]): Attributes {
  return {
    tickmode: "array",
    tickvals: rows.map((_, index) => index),
    ticktext: rows.map(({ label }) =>
      twoLines(shortened(label, LABEL_LENGTH)).map(escapePlotly).join("<br>")
    ),
    range: [rows.length - 0.5, -0.5],
    // Ticks in the paper's colour keep the labels off the line at zero.
    ticks: "outside",
    tickcolor: "@paper",
    showgrid: false,
    zeroline: false,
    automargin: true,
    fixedrange: true,
  };
}

/** Characters of a line of a label. */
const LINE = 20;

/** A label of at most {@link LABEL_LENGTH} characters in one line or two, broken at a space where there is one. */
function twoLines(label: string): string[] {
  const characters = Array.from(label);
  if (characters.length <= LINE) return [label];
  const space = characters.lastIndexOf(" ", LINE);
  const at = space > 0 && characters.length - space - 1 <= LINE ? space : LINE;
  return [characters.slice(0, at).join(""), characters.slice(at).join("").trimStart()];
}
