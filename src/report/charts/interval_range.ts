export interface IntervalRow {
  readonly label: string;
  /** Index into the report's series; `null` for the ink's own colour. */
  readonly series: number | null;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

/** An interval this many times as wide as is usual in a chart would press the others into dots. */
const FAR = 4;
/** Free space at either end, as a share of what is drawn. */
const MARGIN = 0.06;

/**
 * Ends of the axis of an interval chart: it holds the reference, every mark, and all intervals except those much wider
 * than the median, which end at its edge.
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
