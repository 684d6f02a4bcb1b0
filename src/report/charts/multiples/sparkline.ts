import type { Axis } from "../axis.ts";
import type { Line } from "../lines/chart.ts";
import { scaleOf } from "../scale.ts";

const HEIGHTS = "▁▂▃▄▅▆▇█";

/**
 * A curve as `columns` (2 or more) bars of eight heights, from the first step to the last. All of `together` share the axes, so that rows can be compared; a column
 * before the curve's first point or after its last is empty.
 */
export function sparkline(line: Line, together: readonly Line[], axis: Axis, columns: number): string {
  const along = together.flatMap(({ x }) => x);
  const [first, last] = [Math.min(...along), Math.max(...along)];
  const values = together.flatMap(({ y }) => y);
  const fromZero = axis.scale === "linear" && Math.min(...values) >= 0 ? [0] : [];
  const { at } = scaleOf(axis, [...values, ...fromZero], { range: [0, HEIGHTS.length - 1], count: 2 });
  return Array.from({ length: columns }, (_, column) => {
    const x = first + (column / (columns - 1)) * (last - first);
    const height = heightAt(line, x, at);
    return Number.isFinite(height) ? HEIGHTS[Math.round(Math.max(0, height))]! : " ";
  }).join("");
}

/** Height of the curve at `x`, on the straight line between the points on either side; NaN where there are none. */
function heightAt({ x: along, y }: Line, x: number, at: (value: number) => number): number {
  const before = along.findLastIndex((value) => value <= x);
  if (before === -1) return NaN;
  const next = before + 1;
  if (next === along.length) return x > along[before]! ? NaN : at(y[before]!);
  const share = (x - along[before]!) / (along[next]! - along[before]!);
  return at(y[before]!) + share * (at(y[next]!) - at(y[before]!));
}
