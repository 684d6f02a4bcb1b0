import { compact, MISSING } from "#lib/numbers.ts";
import { printable } from "#lib/printable.ts";
import { toCsv } from "../../render/csv.ts";
import { right, type Table, tableOf } from "../../table.ts";
import { type Axis, valueText } from "../axis.ts";
import type { ChartKind, TextOptions } from "../kind.ts";
import { terminalChart } from "../text/curves.ts";
import { BANDS, type Line, type LineChart } from "./chart.ts";
import { lineFigure } from "./plotly.ts";
import { lineSvg } from "./svg.ts";

/** Rows of the table that stands in for a long curve. */
const ROWS = 12;
/** Least and largest size of the drawing in a terminal. */
const [NARROWEST, WIDEST, HEIGHT] = [40, 100, 18];

/** Curves over a numeric axis. */
export const LINES: ChartKind<LineChart> = {
  kind: "lines",
  plotly: lineFigure,
  table: linesTable,
  csv: linesCsv,
  text: linesText,
  still: lineSvg,
};

/** A row a point; the runs behind a line follow it, one value each. */
function linesCsv({ x, y, lines, bands = "runs" }: LineChart): string {
  return toCsv(
    ["series", x.title, y.title, ...BANDS[bands].ends],
    lines.flatMap((line) => [
      ...line.x.map((
        at,
        i,
      ) => [line.label, at, line.y[i]!, line.band?.low[i] ?? null, line.band?.high[i] ?? null]),
      ...(line.runs ?? []).flatMap((run) =>
        run.x.map((at, i) => [`${line.label}, seed ${run.seed}`, at, run.y[i]!, null, null])
      ),
    ]),
  );
}

/** All of a short chart, a dozen rows of a long one. */
function linesTable({ x: axis, y, lines, bands = "runs" }: LineChart, caption: string): Table {
  const places = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const all = places.length <= ROWS;
  const shown = all
    ? places
    : Array.from({ length: ROWS }, (_, i) => places[Math.round((i * (places.length - 1)) / (ROWS - 1))]!);
  const center = lines.some((line) => line.center === "median") ? "median" : "mean";
  return tableOf(shown, {
    caption,
    columns: [
      right(axis.title, (x) => compact(x, 6)),
      ...lines.map((line) => right(line.label, (x: number) => textAt(line, x, y, all))),
    ],
    note: lines.some(({ band }) => band) ? `${y.title}: ${center} (${BANDS[bands].text}).` : y.title,
  });
}

/** The value at x, or where the curve has no point there, the one before it. */
function textAt({ x, y, band, style }: Line, at: number, axis: Axis, exact: boolean): string {
  const index = exact || style === "crosses" ? x.indexOf(at) : x.findLastIndex((value) => value <= at);
  if (index === -1 || at > x.at(-1)!) return MISSING;
  const text = valueText(y[index]!, axis);
  return band && band.low[index]! < band.high[index]!
    ? `${text} (${valueText(band.low[index]!, axis)} – ${valueText(band.high[index]!, axis)})`
    : text;
}

/** Curves as characters, without bands; levels and marks by their labels below. */
function linesText({ x, y, lines, levels, marks = [] }: LineChart, { columns, color }: TextOptions): string {
  const drawing = terminalChart(lines, {
    width: Math.max(NARROWEST, Math.min(columns, WIDEST)),
    height: HEIGHT,
    xScale: x.scale,
    yScale: y.scale,
    xLabel: x.title,
    yLabel: y.title,
    color,
  });
  const named = [...levels, ...marks].map(({ label }) => printable(label));
  return named.length === 0 ? drawing : `${drawing}\n${named.join("; ")}`;
}
