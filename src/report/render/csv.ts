import { sevenDigits } from "../format/text.ts";

export type CsvField = string | number | null;

/**
 * Comma-separated values by RFC 4180: a field with a comma, a quote or a line break is quoted, quotes are doubled,
 * lines end in CRLF. A missing value is an empty field. Text that a spreadsheet would run as a formula (it begins with
 * `=`, `+`, `-`, `@`, a tab or a carriage return) gets an apostrophe before it; numbers never do.
 *
 * @param digits significant digits that fractions keep: 7, more than a screen can show, or all.
 * @throws {TypeError} where a row has another number of fields than the head.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function toCsv(
  head: readonly string[],
  rows: Iterable<readonly CsvField[]>,
  { digits = 7 }: { readonly digits?: 7 | "all" } = {},
): string {
  const field = (value: CsvField) =>
    typeof value === "number" ? numberField(value, digits) : textField(value ?? "");
  const lines = [head.map(field).join(",")];
  for (const row of rows) {
    if (row.length !== head.length) {
      throw new TypeError(`Cannot write a row of ${row.length} fields below a head of ${head.length}`);
    }
    lines.push(row.map(field).join(","));
  }
  return lines.join("\r\n") + "\r\n";
}

function numberField(value: number, digits: 7 | "all"): string {
  if (!Number.isFinite(value)) return "";
  return String(digits === 7 ? sevenDigits(value) : value);
}

function textField(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
