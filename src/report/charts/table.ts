import { assertNever } from "#lib/assert_never.ts";
import type { Axis, Chart, IntervalChart, Line, LineChart, Table } from "../model.ts";
import { compact, fixed, interval, MISSING } from "../format/numbers.ts";

/** Rows of the table that stands in for a long curve. */
const ROWS = 12;

/** What a chart shows, as a table for those who cannot see it: all of a small chart, a dozen rows of a long one. */
export function chartTable(chart: Chart, caption: string): Table {
  switch (chart.kind) {
    case "lines":
      return linesTable(chart, caption);
    case "heatmap":
      return {
        kind: "table",
        caption,
        columns: [
          { label: `${chart.y.title} / ${chart.x.title}`, align: "left" },
          ...chart.x.labels.map((label) => ({ label, align: "right" as const })),
        ],
        keys: 1,
        rows: chart.cells.map((row, y) => ({
          series: null,
          cells: [chart.y.labels[y]!, ...row.map(({ text }) => text.join("; ") || MISSING)],
        })),
        note: "",
      };
    case "intervals":
      return intervalsTable(chart, caption);
    case "parallel":
      return {
        kind: "table",
        caption,
        columns: ["", ...chart.axes.map(({ title }) => title)].map((label, index) => ({
          label,
          align: index === 0 ? "left" as const : "right" as const,
        })),
        keys: 1,
        rows: chart.lines.map(({ label, text }) => ({
          series: null,
          cells: [label, ...chart.axes.map((_, axis) => text[axis] ?? MISSING)],
        })),
        note: "",
      };
    default:
      return assertNever(chart);
  }
}

function linesTable(chart: LineChart, caption: string): Table {
  const places = [...new Set(chart.lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const all = places.length <= ROWS;
  const shown = all
    ? places
    : Array.from({ length: ROWS }, (_, i) => places[Math.round((i * (places.length - 1)) / (ROWS - 1))]!);
  return {
    kind: "table",
    caption,
    columns: [
      { label: chart.x.title, align: "right" },
      ...chart.lines.map(({ label }) => ({ label, align: "right" as const })),
    ],
    keys: 1,
    rows: shown.map((x) => ({
      series: null,
      cells: [compact(x, 6), ...chart.lines.map((line) => valueAt(line, x, chart.y, all))],
    })),
    note: chart.lines.some(({ band }) => band)
      ? `${chart.y.title}: ${
        chart.lines.some(({ center }) => center === "median") ? "median" : "mean"
      } over seeds, in parentheses the lowest and highest run.`
      : chart.y.title,
  };
}

/** The value at x, or where the curve has no point there, the one before it. */
function valueAt({ x, y, band, style }: Line, at: number, axis: Axis, exact: boolean): string {
  const index = exact || style === "crosses" ? x.indexOf(at) : x.findLastIndex((value) => value <= at);
  if (index === -1 || at > x.at(-1)!) return MISSING;
  const text = figure(y[index]!, axis);
  return band && band.low[index]! < band.high[index]!
    ? `${text} (${figure(band.low[index]!, axis)} – ${figure(band.high[index]!, axis)})`
    : text;
}

function intervalsTable(chart: IntervalChart, caption: string): Table {
  return {
    kind: "table",
    caption,
    columns: [
      { label: "", align: "left" },
      { label: chart.x.title, align: "right" },
      { label: "interval", align: "right" },
    ],
    keys: 1,
    rows: chart.rows.map(({ label, series, value, interval: bounds }) => ({
      series,
      cells: [
        label,
        figure(value, chart.x),
        interval(bounds, chart.x.decimals === "significant" ? 3 : chart.x.decimals),
      ],
    })),
    note: "",
  };
}

function figure(value: number, { decimals }: Axis): string {
  return decimals === "significant" ? compact(value) : fixed(value, decimals);
}
