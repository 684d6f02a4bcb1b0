import { compact } from "./numbers.ts";
import { printable, shortened } from "./text.ts";

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
  /** What x and y are, with units; printed above and below the plot. */
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** On a log scale a value <= 0 leaves a gap. */
  readonly yScale?: "linear" | "log";
  /** ANSI colours; without them several series are told apart by their letters. */
  readonly color?: boolean;
}

/** Dots of a braille cell by row and column: the bit of each (Unicode, block U+2800). */
const BRAILLE = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]] as const;
const LETTERS = "*o+x#@%&";
const COLORS = [34, 33, 32, 35, 36, 31, 37];

/**
 * Curves as text: braille dots (2×4 to a character) where one series or colour tells them apart, else a letter for
 * each series. The y axis runs from the smallest to the largest finite value (from zero where a linear one ends within a
 * fiftieth of it), the x axis from the first to the last.
 *
 * @throws {RangeError} for a chart smaller than 24 columns or 6 rows.
 * @throws {TypeError} where `x` and `y` of a series differ in length.
 */
export function terminalChart(series: readonly TerminalSeries[], options: TerminalChartOptions): string {
  const { width, height, color = false, yScale = "linear" } = options;
  if (!(width >= 24 && height >= 6)) {
    throw new RangeError(
      `Cannot draw a chart of ${width} columns and ${height} rows: at least 24 and 6 are needed`,
    );
  }
  const scaled = series.map((one) => scaleSeries(one, yScale));
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
    `${" ".repeat(gutter)} ${xTicks(box, columns)}`,
    ...(options.xLabel ? [centred(options.xLabel, gutter + 1, columns)] : []),
    ...legend,
  ].map((line) => line.trimEnd()).join("\n");
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Points with y on the axis' scale; `null` marks a gap. */
function scaleSeries({ label, x, y }: TerminalSeries, scale: "linear" | "log"): (Point | null)[] {
  if (x.length !== y.length) {
    throw new TypeError(
      `Cannot draw ${JSON.stringify(label)}: ${x.length} x values for ${y.length} y values`,
    );
  }
  return Array.from({ length: x.length }, (_, i) => {
    const value = scale === "log" ? Math.log10(y[i]!) : y[i]!;
    return Number.isFinite(value) && Number.isFinite(x[i]!) ? { x: x[i]!, y: value } : null;
  });
}

function boundsOf(
  series: readonly (readonly (Point | null)[])[],
  scale: "linear" | "log",
): Box | null {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const points of series) {
    for (const point of points) {
      if (point === null) continue;
      left = Math.min(left, point.x);
      right = Math.max(right, point.x);
      bottom = Math.min(bottom, point.y);
      top = Math.max(top, point.y);
    }
  }
  if (left === Infinity) return null;
  // A curve that ends almost at zero gets an axis that ends at zero.
  if (scale === "linear" && bottom > 0 && bottom < top / 50) bottom = 0;
  // A constant curve lies in the middle of an axis that has some height.
  if (top === bottom) {
    const half = Math.abs(top) / 2 || 1;
    [bottom, top] = [bottom - half, top + half];
  }
  return { left, right, bottom, top };
}

/** Calls `mark` for every cell of a grid that a curve crosses, row 0 at the top (Bresenham's lines). */
function trace(
  points: readonly (Point | null)[],
  box: Box,
  columns: number,
  rows: number,
  mark: (column: number, row: number) => void,
): void {
  const width = box.right - box.left || 1;
  let before: readonly [number, number] | null = null;
  for (const point of points) {
    if (point === null) {
      before = null;
      continue;
    }
    const column = Math.round(((point.x - box.left) / width) * (columns - 1));
    const row = Math.round(((box.top - point.y) / (box.top - box.bottom)) * (rows - 1));
    if (before === null) mark(column, row);
    else line(before, [column, row], mark);
    before = [column, row];
  }
}

function line(
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
  mark: (x: number, y: number) => void,
): void {
  const length = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY));
  for (let i = 0; i <= length; i++) {
    const share = length === 0 ? 0 : i / length;
    mark(Math.round(fromX + share * (toX - fromX)), Math.round(fromY + share * (toY - fromY)));
  }
}

function brailleRows(
  series: readonly (readonly (Point | null)[])[],
  box: Box,
  columns: number,
  rows: number,
  color: boolean,
): string[] {
  const bits = new Uint8Array(columns * rows);
  const owner = new Int16Array(columns * rows).fill(-1);
  series.forEach((points, index) => {
    trace(points, box, columns * 2, rows * 4, (x, y) => {
      const cell = (y >> 2) * columns + (x >> 1);
      bits[cell]! |= BRAILLE[y & 3]![x & 1]!;
      owner[cell] = index;
    });
  });
  return Array.from({ length: rows }, (_, row) => {
    let text = "";
    let start = 0;
    // Cells of one owner share one escape sequence.
    for (let column = 1; column <= columns; column++) {
      const from = row * columns + start;
      if (column < columns && owner[row * columns + column] === owner[from]) continue;
      const glyphs = Array.from(bits.subarray(from, row * columns + column), braille).join("");
      text += color && owner[from]! >= 0 ? paint(glyphs, owner[from]!) : glyphs;
      start = column;
    }
    return text;
  });
}

function braille(bits: number): string {
  return bits === 0 ? " " : String.fromCharCode(0x2800 + bits);
}

function letterRows(
  series: readonly (readonly (Point | null)[])[],
  box: Box,
  columns: number,
  rows: number,
): string[] {
  const cells = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
  series.forEach((points, index) => {
    trace(points, box, columns, rows, (x, y) => {
      cells[y]![x] = letterOf(index);
    });
  });
  return cells.map((row) => row.join(""));
}

function legendLines(series: readonly TerminalSeries[], width: number, color: boolean): string[] {
  return series.map(({ label }, index) => {
    const text = shortened(printable(label), width - 4);
    return color ? `  ${paint("━", index)} ${text}` : `  ${letterOf(index)} ${text}`;
  });
}

function xTicks({ left, right }: Box, columns: number): string {
  const [first, last] = [compact(left), compact(right)];
  const middle = compact((left + right) / 2);
  const free = columns - first.length - last.length;
  if (left === right || free < 1) return first;
  const at = Math.floor(columns / 2 - middle.length / 2) - first.length;
  if (at < 1 || free - at - middle.length < 1) return first + " ".repeat(free) + last;
  return first + " ".repeat(at) + middle + " ".repeat(free - at - middle.length) + last;
}

function centred(text: string, indent: number, columns: number): string {
  return " ".repeat(indent + Math.max(0, Math.floor((columns - text.length) / 2))) + text;
}

function letterOf(index: number): string {
  return LETTERS[index % LETTERS.length]!;
}

function paint(text: string, index: number): string {
  return `\x1b[${COLORS[index % COLORS.length]}m${text}\x1b[39m`;
}
