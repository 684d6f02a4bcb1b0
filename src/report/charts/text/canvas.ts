// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";

/** A point of a curve on the axes' scales. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The part of the plane that the plot shows, on the axes' scales. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** A curve; `null` leaves a gap. */
export type Points = readonly (Point | null)[];

/** Dots of a braille cell by row and column: the bit of each (Unicode, block U+2800). */
const BRAILLE = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]] as const;
const LETTERS = "*o+x#@%&";
const COLORS = [34, 33, 32, 35, 36, 31, 37];

/** Calls `mark` for every cell of a grid that a curve crosses, row 0 at the top. */
function trace(
  points: Points,
  box: Box,
  columns: number,
  rows: number,
  mark: (column: number, row: number) => void,
): void {
  // All points of a box without width lie in its first column.
  const along = scaleLinear().domain([box.left, box.right > box.left ? box.right : box.left + 1]).range([
    0,
    columns - 1,
  ]);
  const down = scaleLinear().domain([box.top, box.bottom]).range([0, rows - 1]);
  let before: readonly [number, number] | null = null;
  for (const point of points) {
    if (point === null) {
      before = null;
      continue;
    }
    const column = Math.round(along(point.x));
    const row = Math.round(down(point.y));
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

/** Curves as dots, 2×4 to a character; a cell has the colour of the last curve that crosses it. */
export function brailleRows(
  series: readonly Points[],
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

/** Curves as letters, one a series; a cell has that of the last curve that crosses it. */
export function letterRows(
  series: readonly Points[],
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

/** The letter, and the colour, of the n-th series. */
export function letterOf(index: number): string {
  return LETTERS[index % LETTERS.length]!;
}

export function paint(text: string, index: number): string {
  return `\x1b[${COLORS[index % COLORS.length]}m${text}\x1b[39m`;
}
