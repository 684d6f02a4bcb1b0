export interface IntervalRow {
  readonly label: string;
  /** Index into the report's series; `null` for the ink's own colour. */
  readonly series: number | null;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  /** The values behind it, one a seed, drawn behind its bar. Absent for none. */
  readonly dots?: readonly SeedValue[];
}

export interface SeedValue {
  readonly seed: number;
  readonly value: number;
}

/** An interval this many times as wide as is usual in a chart would press the others into dots. */
const FAR = 4;
/** Free space at either end, as a share of what is drawn. */
const MARGIN = 0.06;

/**
 * Ends of the axis of an interval chart: it holds the reference, every mark, and all intervals with their dots except
 * those much wider than the median, which end at its edge.
 */
export function intervalRange(rows: readonly IntervalRow[], reference: number | null): [number, number] {
  const ends = rows.map(endsOf);
  const widths = ends.map(([low, high]) => high - low).filter((width) => width > 0).sort((a, b) => a - b);
  const usual = widths[Math.floor((widths.length - 1) / 2)] ?? 0;
  const kept = rows.filter((_, index) => usual === 0 || ends[index]![1] - ends[index]![0] <= FAR * usual);
  const places = [
    ...kept.flatMap((row) => [...endsOf(row), ...(row.dots ?? []).map(({ value }) => value)]),
    ...rows.map(({ value }) => value),
    ...reference === null ? [] : [reference],
  ];
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const free = MARGIN * (high - low) || 1;
  return [low - free, high + free];
}

/** Ends of the range that a row reaches beyond. */
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
