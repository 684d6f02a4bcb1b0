/** What was tried of one kind, and what came of it; rows of the same words are put together. */
export interface Row {
  readonly what: string;
  readonly tries: number;
  /** Counts besides faults, which add up: `refused`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Figures of which the largest counts: `slowest ms`. */
  readonly most: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** Rows of one thing as one, in the order of their first. */
export function merged(rows: readonly Row[]): Row[] {
  const by = new Map<string, Row>();
  for (const row of rows) {
    const before = by.get(row.what);
    by.set(row.what, before === undefined ? row : both(before, row));
  }
  return [...by.values()];
}

function both(a: Row, b: Row): Row {
  const joined = (
    one: Readonly<Record<string, number>>,
    other: Readonly<Record<string, number>>,
    join: (x: number, y: number) => number,
  ) =>
    Object.fromEntries(
      [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
        name,
        join(one[name] ?? 0, other[name] ?? 0),
      ]),
    );
  return {
    what: a.what,
    tries: a.tries + b.tries,
    counts: joined(a.counts, b.counts, (x, y) => x + y),
    most: joined(a.most, b.most, Math.max),
    faults: [...a.faults, ...b.faults],
  };
}
