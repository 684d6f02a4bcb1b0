// @ts-types="@types/d3-array"
import { extent } from "d3-array";
import { compact } from "#lib/numbers.ts";
import { type Box, brailleRows, letterOf, letterRows, paint, type Points } from "./canvas.ts";
import { printable } from "#lib/printable.ts";
import { fitted } from "../../render/terminal_text.ts";

/** A curve: `y[i]` at `x[i]`. A value that is not finite leaves a gap. */
export interface TerminalSeries {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface TerminalChartOptions {
  /** Columns and rows of the whole chart, labels included. */
  readonly width: number;
  readonly height: number;
  /** Names of x and y with units, printed below and above the plot. */
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** On a log scale a value <= 0 leaves a gap. */
  readonly xScale?: "linear" | "log";
  readonly yScale?: "linear" | "log";
  /** ANSI colours; without them several series are drawn in letters. */
  readonly color?: boolean;
}

/**
 * Curves as text: braille dots (2×4 to a character) for one series or with colour, else a letter for
 * each series. The y axis runs from the smallest to the largest finite value (from zero where a linear one ends within a
 * fiftieth of it), the x axis from the first to the last.
 *
 * @throws {RangeError} for a chart smaller than 24 columns or 6 rows.
 * @throws {TypeError} where `x` and `y` of a series differ in length.
 */
export function terminalChart(series: readonly TerminalSeries[], options: TerminalChartOptions): string {
  const { width, height, color = false, xScale = "linear", yScale = "linear" } = options;
  if (!(width >= 24 && height >= 6)) {
    throw new RangeError(
      `Cannot draw a chart of ${width} columns and ${height} rows: at least 24 and 6 are needed`,
    );
  }
  const scaled = series.map((one) => scaleSeries(one, xScale, yScale));
  const box = boundsOf(scaled, yScale);
  if (box === null) return "(nothing finite to draw)";

  const label = (y: number): string => compact(yScale === "log" ? 10 ** y : y);
  const legend = series.length > 1 ? legendLines(series, width, color) : [];
  const rows = Math.max(3, height - 2 - legend.length - (options.yLabel ? 1 : 0) - (options.xLabel ? 1 : 0));
  const ticks = new Map([0, Math.floor((rows - 1) / 2), rows - 1].map((row) => {
    return [row, label(box.top - (row / (rows - 1)) * (box.top - box.bottom))];
  }));
  const gutter = Math.max(...[...ticks.values()].map((text) => text.length)) + 1;
  const columns = width - gutter - 1;

  const plot = color || series.length === 1
    ? brailleRows(scaled, box, columns, rows, color && series.length > 1)
    : letterRows(scaled, box, columns, rows);
  const body = plot.map((line, row) => {
    const text = ticks.get(row) ?? "";
    return `${text.padStart(gutter - 1)} ${text ? "┤" : "│"}${line}`;
  });
  return [
    ...(options.yLabel ? [options.yLabel] : []),
    ...body,
    `${" ".repeat(gutter)}└${"─".repeat(columns)}`,
    `${" ".repeat(gutter)} ${xTicks(box, columns, xScale)}`,
    ...(options.xLabel ? [centred(options.xLabel, gutter + 1, columns)] : []),
    ...legend,
  ].map((line) => line.trimEnd()).join("\n");
}

/** Points on the axes' scales; `null` marks a gap. */
function scaleSeries({ label, x, y }: TerminalSeries, xScale: Scale, yScale: Scale): Points {
  if (x.length !== y.length) {
    throw new TypeError(
      `Cannot draw ${JSON.stringify(label)}: ${x.length} x values for ${y.length} y values`,
    );
  }
  return Array.from({ length: x.length }, (_, i) => {
    const [along, up] = [onScale(x[i]!, xScale), onScale(y[i]!, yScale)];
    return Number.isFinite(up) && Number.isFinite(along) ? { x: along, y: up } : null;
  });
}

type Scale = "linear" | "log";

const onScale = (value: number, scale: Scale) => scale === "log" ? Math.log10(value) : value;

function boundsOf(
  series: readonly Points[],
  scale: "linear" | "log",
): Box | null {
  const points = series.flat().filter((point) => point !== null);
  const [left, right] = extent(points, ({ x }) => x);
  let [bottom, top] = extent(points, ({ y }) => y);
  if (left === undefined || bottom === undefined || top === undefined) return null;
  // A curve that ends almost at zero gets an axis that ends at zero.
  if (scale === "linear" && bottom > 0 && bottom < top / 50) bottom = 0;
  // A constant curve lies in the middle of an axis that has some height.
  if (top === bottom) {
    const half = Math.abs(top) / 2 || 1;
    [bottom, top] = [bottom - half, top + half];
  }
  return { left, right, bottom, top };
}

function legendLines(series: readonly TerminalSeries[], width: number, color: boolean): string[] {
  return series.map(({ label }, index) => {
    const text = fitted(printable(label), width - 4);
    return color ? `  ${paint("━", index)} ${text}` : `  ${letterOf(index)} ${text}`;
  });
}

function xTicks({ left, right }: Box, columns: number, scale: Scale): string {
  const tick = (x: number) => compact(scale === "log" ? 10 ** x : x);
  const [first, last] = [tick(left), tick(right)];
  const middle = tick((left + right) / 2);
  const free = columns - first.length - last.length;
  if (left === right || free < 1) return first;
  const at = Math.floor(columns / 2 - middle.length / 2) - first.length;
  if (at < 1 || free - at - middle.length < 1) return first + " ".repeat(free) + last;
  return first + " ".repeat(at) + middle + " ".repeat(free - at - middle.length) + last;
}

function centred(text: string, indent: number, columns: number): string {
  return " ".repeat(indent + Math.max(0, Math.floor((columns - text.length) / 2))) + text;
}
