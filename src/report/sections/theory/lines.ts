import type { Line, LineChart } from "../../charts/lines/chart.ts";
import type { Figure } from "../../model.ts";

/** Series with the look of the first and second; beyond all series of the report, so that no switch hides them. */
export const FIRST = 30;
export const SECOND = 31;

/** A curve, or crosses for measured values; points below `least` are left out. */
export function line(
  series: number,
  label: string,
  x: readonly number[],
  y: readonly number[],
  { style = "curve", least = -Infinity }: { style?: Line["style"]; least?: number } = {},
): Line {
  const indices = x.map((_, index) => index).filter((index) => y[index]! >= least);
  return {
    series,
    label,
    x: indices.map((index) => x[index]!),
    y: indices.map((index) => y[index]!),
    band: null,
    style,
    chosen: null,
  };
}

/** A chart of lines without an upper axis or levels. */
export function lineFigure(
  { x, y, lines, ...rest }: Pick<Figure, "id" | "title" | "caption" | "alt" | "width"> & {
    readonly x: LineChart["x"];
    readonly y: LineChart["y"];
    readonly lines: readonly Line[];
  },
): Figure {
  return {
    kind: "figure",
    ...rest,
    chart: { kind: "lines", x, y, above: null, lines: lines.filter((one) => one.x.length > 0), levels: [] },
  };
}

/** Ticks of a log axis from 1 on, few enough for a phone. */
export function powersOfTen(upTo: number): number[] {
  return Array.from({ length: Math.floor(Math.log10(upTo)) + 1 }, (_, power) => 10 ** power);
}
