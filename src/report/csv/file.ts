import { type CsvField, toCsv } from "../render/csv.ts";

export type Fields = readonly CsvField[];

/** A file of comma-separated values. */
export interface CsvFile {
  readonly name: string;
  /** Rows below the head. */
  readonly rows: number;
  readonly text: string;
}

/** Numbers keep all digits. */
export function csvFile(name: string, head: readonly string[], rows: readonly Fields[]): CsvFile {
  return { name, rows: rows.length, text: toCsv(head, rows, { digits: "all" }) };
}
