/** Between fields, in the order of preference where a header has several. */
const DELIMITERS = [",", ";", "\t"] as const;

/** The delimiter that occurs most often in a header, quoted fields left out. */
export function delimiterOf(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }));
  return counted.reduce((best, one) => one.count > best.count ? one : best).delimiter;
}

/**
 * Rows of a table from its lines (RFC 4180: quoted fields may hold delimiters and line ends, and `""` for a quote). Each
 * line is looked at once, however many a quoted field goes on over.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RowLines } from "./fields.ts";
 *
 * const lines = new RowLines(",");
 * assert.deepEqual(lines.push('1,"a ""b"", c",'), ["1", 'a "b", c', ""]);
 * assert.equal(lines.push('1,"open'), null);
 * assert.equal(lines.open, 8);
 * assert.deepEqual(lines.push('line",2'), ["1", "open\nline", "2"]);
 * ```
 */
export class RowLines {
  #fields: string[] = [];
  /** Lines of the quoted field that is open; empty for none. */
  #quoted: string[] = [];
  #open = 0;

  constructor(private readonly delimiter: string) {}

  /** Characters of the row that is open, line ends among them; 0 for none. */
  get open(): number {
    return this.#open;
  }

  /** The fields of the row that a line ends; `null` where a quoted field goes on in the next one. */
  push(line: string): string[] | null {
    if (this.#open === 0 && !line.includes('"')) return line.split(this.delimiter);
    let isQuoted = this.#open > 0;
    for (let from = 0;;) {
      if (!isQuoted && line[from] === '"') [isQuoted, from] = [true, from + 1];
      const to = isQuoted ? this.#quote(line, from) : this.#plain(line, from);
      if (to === null) {
        this.#open += line.length + 1;
        return null;
      }
      isQuoted = false;
      if (to < 0) return this.#row();
      from = to + 1;
    }
  }

  /** Takes a field without quotes; the delimiter after it, -1 for none. */
  #plain(line: string, from: number): number {
    const to = line.indexOf(this.delimiter, from);
    this.#fields.push(to < 0 ? line.slice(from) : line.slice(from, to));
    return to;
  }

  /** Takes a field, or a part of one, after its quote; the delimiter after it, -1 for none, `null` while it is open. */
  #quote(line: string, from: number): number | null {
    const to = closingQuote(line, from);
    this.#quoted.push(line.slice(from, to < 0 ? line.length : to));
    if (to < 0) return null;
    this.#fields.push(this.#quoted.join("\n").replaceAll('""', '"'));
    this.#quoted = [];
    // What stands between the quote and the delimiter belongs to no field.
    return line.indexOf(this.delimiter, to + 1);
  }

  #row(): string[] {
    const row = this.#fields;
    [this.#fields, this.#open] = [[], 0];
    return row;
  }
}

/** The place of the quote that ends a quoted field, looked for from a place within it; -1 where it is not there. */
function closingQuote(row: string, from: number): number {
  for (let at = row.indexOf('"', from); at >= 0; at = row.indexOf('"', at + 2)) {
    if (row[at + 1] !== '"') return at;
  }
  return -1;
}
