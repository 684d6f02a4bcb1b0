import type { Format } from "../format.ts";
import { Lines } from "../lines.ts";
import { textOf } from "../text.ts";
import { type Parser, TrackerError } from "../model.ts";
import type { Output } from "../output.ts";
import { delimiterOf, RowLines } from "./fields.ts";
import { type RowReader, rowReader } from "./layouts.ts";

/** More columns are refused. */
export const MOST_COLUMNS = 20_000;
/** A quoted field may go on over so many characters. */
const MOST_QUOTED = 1_000_000;
/** Rows that are looked at for numbers with a decimal comma. */
const LOOKED_AT = 100;

/** Comma-, semicolon- or tab-separated values with a header: wide, long, a chart or a table of W&B. */
export const csv: Format = {
  name: "csv",
  label: "CSV with a header",
  isGeneral: true,
  recognise(head) {
    const text = textOf(head);
    if (text === null) return false;
    const header = text.replace(/^\ufeff/, "").split("\n", 1)[0]!;
    const fields = new RowLines(delimiterOf(header)).push(header.trimEnd());
    return fields !== null && fields.length >= 2 && fields.some((field) => /[A-Za-z]/.test(field)) &&
      !/^\s*[[{<]/.test(header);
  },
  parser: (output) => new Table(output),
};

/** The rows of one table, with what is wrong with them counted. */
class Table implements Parser {
  readonly #lines: Lines;
  #delimiter = ",";
  #fields = new RowLines(this.#delimiter);
  #columns = 0;
  #read: RowReader | null = null;
  #rows = 0;
  #wrong = { count: 0, first: 0, fields: 0 };

  constructor(private readonly output: Output) {
    this.#lines = new Lines(output.path, (line, number, isWhole) => this.#line(line, number, isWhole));
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    const { count, first, fields } = this.#wrong;
    if (this.#fields.open > 0) this.output.note("ends inside of a quoted field; the rows before it are used");
    if (count > 0) {
      this.output.note(
        `has ${
          count === 1 ? "a row" : `${count} rows`
        } with another number of fields than the ${this.#columns} of ` +
          `its header, the first in line ${first} (${fields}); ${
            count === 1 ? "it is" : "they are"
          } left out`,
      );
    }
    if (this.#rows === 0) this.output.note("has a header and no rows");
  }

  #line(line: string, number: number, isWhole: boolean): void {
    const isFirst = this.#fields.open === 0;
    if (isFirst && line === "") return;
    if (isFirst && this.#read === null) this.#fields = new RowLines(this.#delimiter = delimiterOf(line));
    const fields = this.#fields.push(line);
    if (fields === null) {
      if (this.#fields.open <= MOST_QUOTED) return;
      throw new TrackerError(
        `Cannot read ${this.output.path}: a quoted field that is still open in line ${number} goes on over more than ` +
          `${MOST_QUOTED} characters`,
      );
    }
    if (this.#read === null) this.#header(fields);
    else if (fields.length === this.#columns) this.#row(fields, number);
    else this.#leaveOut(fields.length, number, isWhole);
  }

  #header(names: readonly string[]): void {
    if (names.length > MOST_COLUMNS) {
      throw new TrackerError(
        `Cannot read ${this.output.path}: its header has ${names.length} columns; at most ${MOST_COLUMNS} are read, ` +
          "so export fewer metrics or runs",
      );
    }
    this.#columns = names.length;
    this.#read = rowReader(names.map((name) => name.trim()), this.output);
  }

  #row(fields: readonly string[], number: number): void {
    if (this.#rows < LOOKED_AT && this.#delimiter !== ",") this.#refuseDecimalCommas(fields, number);
    this.#read!(fields, this.#rows++);
  }

  /** Numbers such as `0,05` would be taken for texts, and the table for one without figures. */
  #refuseDecimalCommas(fields: readonly string[], number: number): void {
    const found = fields.find((field) => /^\s*[+-]?\d+,\d+(?:e[+-]?\d+)?\s*$/i.test(field));
    if (found === undefined || fields.some((field) => /^\s*[+-]?\d*\.\d/.test(field))) return;
    throw new TrackerError(
      `Cannot read ${this.output.path}: line ${number} has ${found.trim()}, a number with a decimal comma; ` +
        "export it with decimal points",
    );
  }

  #leaveOut(fields: number, number: number, isWhole: boolean): void {
    if (!isWhole) {
      this.output.note(
        `ends in the middle of line ${number} (it was cut, or is being written); it is left out`,
      );
      return;
    }
    if (this.#wrong.count++ === 0) Object.assign(this.#wrong, { first: number, fields });
  }
}
