import { GrowingBytes } from "../growing_bytes.ts";
import type { Output } from "../output.ts";
import { maskedCrc32c } from "./crc32c.ts";

/** Larger records hold pictures, graphs or embeddings; they are passed over. */
const MOST_RECORD_BYTES = 16 * 2 ** 20;
/** Length (uint64) and its masked CRC. */
export const HEADER_BYTES = 12;

/** The length of the record that begins at an offset; `null` where its CRC says that it is none. */
export function lengthAt(bytes: Uint8Array, offset: number): number | null {
  if (uint32(bytes, offset + 8) !== maskedCrc32c(bytes, offset, offset + 8)) return null;
  return uint32(bytes, offset) + 2 ** 32 * uint32(bytes, offset + 4);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/**
 * The records of a TFRecord file: `length (uint64), CRC of the length, data, CRC of the data`, little-endian, both CRCs
 * masked. It ends at the first CRC that does not fit, as TensorBoard does: what follows has no known beginning.
 */
export class Frames {
  readonly #bytes = new GrowingBytes();
  #position = 0;
  /** Bytes of a large record that are still to come. */
  #skipped = 0;
  #large = 0;
  #count = 0;
  #isDamaged = false;

  /** @param use takes the data of one record: `bytes` from `from` to `to`, valid during the call. */
  constructor(
    private readonly output: Output,
    private readonly use: (bytes: Uint8Array, from: number, to: number) => void,
  ) {}

  push(chunk: Uint8Array): void {
    if (this.#isDamaged) return;
    const passed = Math.min(this.#skipped, chunk.length);
    this.#skipped -= passed;
    this.#position += passed;
    this.#bytes.push(chunk.subarray(passed));
    const bytes = this.#bytes.bytes;
    let used = 0;
    while (!this.#isDamaged && this.#skipped === 0) {
      const next = this.#next(bytes, used);
      if (next === used) break;
      used = next;
    }
    const held = Math.min(used, bytes.length);
    this.#bytes.drop(held);
    this.#skipped += used - held;
    this.#position += held;
  }

  /** Start of the next record; `from` itself where this one is not whole yet, past the bytes for a large one. */
  #next(bytes: Uint8Array, from: number): number {
    const rest = bytes.length - from;
    if (rest < HEADER_BYTES) return from;
    const length = lengthAt(bytes, from);
    if (length === null) return this.#damaged(from, "length");
    const data = from + HEADER_BYTES;
    if (length > MOST_RECORD_BYTES) {
      this.#large++;
      return data + length + 4;
    }
    if (rest < HEADER_BYTES + length + 4) return from;
    const end = data + length;
    if (uint32(bytes, end) !== maskedCrc32c(bytes, data, end)) return this.#damaged(from, "data");
    this.use(bytes, data, end);
    this.#count++;
    return end + 4;
  }

  #damaged(offset: number, part: string): number {
    this.#isDamaged = true;
    this.output.note(
      `is damaged at byte ${this.#position + offset}: the CRC of a record's ${part} does not fit; ` +
        `the ${this.#count} records before it are used`,
    );
    return offset;
  }

  end(): void {
    if (this.#large > 0) {
      this.output.note(
        `has ${this.#large} records above ${
          MOST_RECORD_BYTES / 2 ** 20
        } MiB (pictures, graphs); they are passed over`,
      );
    }
    if (!this.#isDamaged && (this.#bytes.length > 0 || this.#skipped > 0)) {
      this.output.note(
        `ends in the middle of a record (it was cut, or is being written); the ${this.#count} whole ones are used`,
      );
    }
  }
}
