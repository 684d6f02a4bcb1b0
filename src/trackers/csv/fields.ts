/** Between fields, in the order of preference where a header has several. */
const DELIMITERS = [",", ";", "\t"] as const;

/** The delimiter that occurs most often in a header, quoted fields left out. */
export function delimiterOf(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }));
  return counted.reduce((best, one) => one.count > best.count ? one : best).delimiter;
}

/**
 * The fields of a row (RFC 4180: quoted ones may hold delimiters and line ends, and `""` for a quote); `null` where a
 * quoted field goes on in the next line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fieldsOf } from "./fields.ts";
 *
 * assert.deepEqual(fieldsOf('1,"a ""b"", c",', ","), ["1", 'a "b", c', ""]);
 * assert.equal(fieldsOf('1,"open', ","), null);
 * ```
 */
export function fieldsOf(row: string, delimiter: string): string[] | null {
  if (!row.includes('"')) return row.split(delimiter);
  const fields: string[] = [];
  for (let from = 0;;) {
    if (row[from] !== '"') {
      const to = row.indexOf(delimiter, from);
      fields.push(to < 0 ? row.slice(from) : row.slice(from, to));
      if (to < 0) return fields;
      from = to + 1;
      continue;
    }
    const to = closingQuote(row, from + 1);
    if (to < 0) return null;
    fields.push(row.slice(from + 1, to).replaceAll('""', '"'));
    // What stands between the quote and the delimiter belongs to no field.
    const next = row.indexOf(delimiter, to + 1);
    if (next < 0) return fields;
    from = next + 1;
  }
}

/** The place of the quote that ends a quoted field, looked for from a place within it; -1 where it is not there. */
export function closingQuote(row: string, from: number): number {
  for (let at = row.indexOf('"', from); at >= 0; at = row.indexOf('"', at + 2)) {
    if (row[at + 1] !== '"') return at;
  }
  return -1;
}
