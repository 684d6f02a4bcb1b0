import { utf8 } from "#lib/utf8.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { TrackerError } from "./model.ts";

/** Longer lines are refused. A row of 20,000 numbers has 400 kB. */
const MOST_LINE_BYTES = 16 * 2 ** 20;
const LINE_FEED = 10;

/** Lines of a text that arrives in chunks, without their ends (`\n`, `\r\n`). */
export class Lines {
  readonly #rest = new GrowingBytes();
  #count = 0;

  /** @param use takes one line and its number, from 1; `isWhole` is false for a last line without an end. */
  constructor(
    private readonly path: string,
    private readonly use: (line: string, number: number, isWhole: boolean) => void,
  ) {}

  push(chunk: Uint8Array): void {
    const last = chunk.lastIndexOf(LINE_FEED);
    this.#rest.push(last < 0 ? chunk : chunk.subarray(0, last + 1));
    if (last >= 0) {
      const text = utf8(this.#rest.bytes);
      this.#rest.drop(this.#rest.length);
      this.#rest.push(chunk.subarray(last + 1));
      for (let from = 0; from < text.length;) {
        const to = text.indexOf("\n", from);
        this.#one(text.slice(from, text[to - 1] === "\r" ? to - 1 : to), true);
        from = to + 1;
      }
    }
    if (this.#rest.length > MOST_LINE_BYTES) {
      throw new TrackerError(
        `Cannot read ${this.path}: line ${this.#count + 1} has more than ${
          MOST_LINE_BYTES / 2 ** 20
        } MiB, which no row of numbers takes`,
      );
    }
  }

  end(): void {
    if (this.#rest.length > 0) this.#one(utf8(this.#rest.bytes), false);
  }

  #one(line: string, isWhole: boolean): void {
    // A byte order mark is no part of the first line.
    this.use(this.#count === 0 ? line.replace(/^\ufeff/, "") : line, ++this.#count, isWhole);
  }
}
