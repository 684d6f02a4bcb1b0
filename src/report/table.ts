import { type CsvField, toCsv } from "./render/csv.ts";

/** A table as data; HTML, the terminal and the notebook draw it. */
export interface Table {
  readonly kind: "table";
  /** Half-width neighbours stand side by side where there is room; full if not given. */
  readonly width?: "full" | "half";
  readonly caption: string;
  readonly columns: readonly ColumnHead[];
  /** Count of leading columns that identify a row: 1 or more. */
  readonly keys: number;
  readonly rows: readonly Row[];
  /** Text below the table; empty for none. */
  readonly note: string;
}

export interface ColumnHead {
  readonly label: string;
  readonly align: "left" | "right";
}

export interface Row {
  /** Index into the report's series; `null` for a row that belongs to none. */
  readonly series: number | null;
  readonly cells: readonly string[];
  /** Page, relative to this one, that the first cell links to; no link if not given. */
  readonly href?: string;
}

/** A column with the text, or the CSV field, that it has for a record. */
export interface Column<R, V = string> extends ColumnHead {
  value(record: R, index: number): V;
}

/** A column of words. */
export function left<R, V = string>(label: string, value: Column<R, V>["value"]): Column<R, V> {
  return { label, align: "left", value };
}

/** A column of numbers. */
export function right<R, V = string>(label: string, value: Column<R, V>["value"]): Column<R, V> {
  return { label, align: "right", value };
}

export interface TableOptions<R>
  extends Pick<Table, "caption">, Partial<Pick<Table, "width" | "keys" | "note">> {
  readonly columns: readonly Column<R>[];
  /** Series of a row, as in {@link Row}; none if not given. */
  series?(record: R, index: number): number | null;
  href?(record: R): string | undefined;
}

/**
 * A table with one row a record.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { left, right, tableOf } from "#report/table.ts";
 * const { rows } = tableOf([{ name: "cosine", lr: 0.1 }], {
 *   caption: "Rates",
 *   columns: [left("arm", ({ name }) => name), right("rate", ({ lr }) => String(lr))],
 * });
 * assert.deepEqual(rows, [{ series: null, cells: ["cosine", "0.1"] }]);
 * ```
 */
export function tableOf<R>(records: readonly R[], options: TableOptions<R>): Table {
  const { columns, series, href, keys = 1, note = "", ...rest } = options;
  return {
    kind: "table",
    ...rest,
    columns: columns.map(({ label, align }) => ({ label, align })),
    keys,
    rows: records.map((record, index) => {
      const address = href?.(record);
      return {
        series: series?.(record, index) ?? null,
        cells: columns.map(({ value }) => value(record, index)),
        ...(address === undefined ? {} : { href: address }),
      };
    }),
    note,
  };
}

/** {@link tableOf}, or nothing where there is no record. */
export function tableUnlessEmpty<R>(records: readonly R[], options: TableOptions<R>): Table[] {
  return records.length === 0 ? [] : [tableOf(records, options)];
}

/** A file of comma-separated values. */
export interface CsvFile {
  readonly name: string;
  /** Rows below the head. */
  readonly rows: number;
  readonly text: string;
}

/** A CSV file with one row a record; numbers keep all digits. */
export function csvFile<R>(
  name: string,
  records: readonly R[],
  columns: readonly { readonly label: string; value(record: R, index: number): CsvField }[],
): CsvFile {
  const text = toCsv(
    columns.map(({ label }) => label),
    records.map((record, index) => columns.map(({ value }) => value(record, index))),
    { digits: "all" },
  );
  return { name, rows: records.length, text };
}
