import type { IntervalRow } from "../model.ts";

/** An interval this many times as wide as is usual in a chart would press the others into dots. */
const FAR = 4;
/** Free space at either end, as a share of what is drawn. */
const MARGIN = 0.06;

/**
 * From where to where a chart of intervals goes: over the reference, every mark, and all intervals but those that reach
 * far beyond what is usual, which end at its edge.
 */
export function intervalRange(rows: readonly IntervalRow[], reference: number | null): [number, number] {
  const ends = rows.map(endsOf);
  const widths = ends.map(([low, high]) => high - low).filter((width) => width > 0).sort((a, b) => a - b);
  const usual = widths[Math.floor((widths.length - 1) / 2)] ?? 0;
  const kept = ends.filter(([low, high]) => usual === 0 || high - low <= FAR * usual);
  const marks = rows.map(({ value }) => value);
  const places = [...kept.flat(), ...marks, ...reference === null ? [] : [reference]];
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const free = MARGIN * (high - low) || 1;
  return [low - free, high + free];
}

/** Whether a row goes on beyond an end of the range. */
export function beyond(
  row: IntervalRow,
  [from, to]: readonly [number, number],
): { low: boolean; high: boolean } {
  const [low, high] = endsOf(row);
  return { low: low < from, high: high > to };
}

function endsOf({ value, interval }: IntervalRow): readonly [number, number] {
  return interval ?? [value, value];
}
