import type { Format } from "../format.ts";
import { Lines } from "../lines.ts";
import { textOf } from "../text.ts";
import { type Parser, TrackerError } from "../model.ts";
import type { Output } from "../output.ts";
import { closingQuote, delimiterOf, fieldsOf } from "./fields.ts";
import { type RowReader, rowReader } from "./layouts.ts";

/** More columns are refused. */
export const MOST_COLUMNS = 20_000;
/** A quoted field may go on over so many characters, and a row over so many lines that end one and begin the next. */
const [MOST_QUOTED, MOST_REOPENED] = [1_000_000, 1000];

/** Comma-, semicolon- or tab-separated values with a header: wide, long, a chart or a table of W&B. */
export const csv: Format = {
  name: "csv",
  label: "CSV with a header",
  isGeneral: true,
  recognise(head) {
    const text = textOf(head);
    if (text === null) return false;
    const header = text.replace(/^\ufeff/, "").split("\n", 1)[0]!;
    const fields = fieldsOf(header.trimEnd(), delimiterOf(header));
    return fields !== null && fields.length >= 2 && fields.some((field) => /[A-Za-z]/.test(field)) &&
      !/^\s*[[{<]/.test(header);
  },
  parser: (output) => new Table(output),
};

/** The rows of one table, with what is wrong with them counted. */
class Table implements Parser {
  readonly #lines: Lines;
  #delimiter = ",";
  #columns = 0;
  #read: RowReader | null = null;
  #rows = 0;
  /** Lines of a row whose quoted field is still open, and how often one was looked at whole. */
  #open = "";
  #reopened = 0;
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
    if (this.#open !== "") this.output.note("ends inside of a quoted field; the rows before it are used");
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
    const row = this.#open === "" ? line : `${this.#open}\n${line}`;
    // Only a line that ends the field is worth a look at all of the row.
    if (this.#open !== "" && closingQuote(line, 0) < 0) return this.#goesOn(row, number);
    if (row === "") return;
    if (this.#read === null && this.#open === "") this.#delimiter = delimiterOf(line);
    const fields = fieldsOf(row, this.#delimiter);
    if (fields === null) {
      this.#reopened++;
      return this.#goesOn(row, number);
    }
    [this.#open, this.#reopened] = ["", 0];
    if (this.#read === null) this.#header(fields);
    else if (fields.length === this.#columns) this.#read(fields, this.#rows++);
    else this.#leaveOut(fields.length, number, isWhole);
  }

  #goesOn(row: string, number: number): void {
    this.#open = row;
    if (row.length <= MOST_QUOTED && this.#reopened <= MOST_REOPENED) return;
    throw new TrackerError(
      `Cannot read ${this.output.path}: a quoted field that is still open in line ${number} goes on over more than ` +
        `${MOST_QUOTED} characters, or its row over more than ${MOST_REOPENED} such lines`,
    );
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
