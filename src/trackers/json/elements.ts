import { utf8 } from "#lib/utf8.ts";
import { GrowingBytes } from "../growing_bytes.ts";
import { TrackerError } from "../model.ts";
import type { Output } from "../output.ts";
import { jsonValue } from "./value.ts";

/** Larger elements are refused. */
const MOST_ELEMENT_BYTES = 16 * 2 ** 20;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Takes an element: its key at the top (`null` in a list at the top), its index in a list (-1 for none), its data. */
export type UseElement = (key: string | null, index: number, value: unknown) => void;

/**
 * The elements of a JSON document that arrives in chunks: those of the list at its top, or of the object's lists, and
 * its other values whole. So a list of a gigabyte takes the memory of one element.
 */
export class JsonElements {
  readonly #bytes = new GrowingBytes();
  /** Bytes that were looked at, of those that wait. */
  #seen = 0;
  /** Bytes that were dropped. */
  #passed = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isDone = false;
  #top: "list" | "object" | null = null;
  #key: string | null = null;
  /** Depth of the list whose elements are given out one by one; 0 for none. */
  #list = 0;
  #index = 0;
  #count = 0;

  constructor(private readonly output: Output, private readonly use: UseElement) {}

  push(chunk: Uint8Array): void {
    if (this.#isDone) return;
    this.#bytes.push(chunk);
    let bytes = this.#bytes.bytes;
    for (let i = this.#seen; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInString = false;
      } else if (byte === QUOTE) this.#isInString = true;
      else if (byte >= COMMA && this.#isMark(byte)) {
        if (this.#mark(byte, bytes, i)) {
          this.#drop(i + 1);
          bytes = bytes.subarray(i + 1);
          i = -1;
        }
        if (this.#isDone) return;
      }
    }
    this.#seen = bytes.length;
    if (bytes.length > MOST_ELEMENT_BYTES) {
      throw new TrackerError(
        `Cannot read ${this.output.path}: ${this.#place()} has more than ${
          MOST_ELEMENT_BYTES / 2 ** 20
        } MiB, which no point of a run takes`,
      );
    }
  }

  end(): void {
    if (this.#isDone) return;
    this.output.note(
      `ends in the middle (it was cut, or is being written); the ${this.#count} values before are used`,
    );
  }

  #isMark(byte: number): boolean {
    return byte === COMMA || byte === COLON || byte === OPEN_LIST || byte === CLOSE_LIST ||
      byte === OPEN_OBJECT || byte === CLOSE_OBJECT;
  }

  /** True where the bytes up to this one are done with. */
  #mark(byte: number, bytes: Uint8Array, at: number): boolean {
    switch (byte) {
      case OPEN_OBJECT:
      case OPEN_LIST:
        return this.#open(byte === OPEN_LIST);
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        return this.#close(bytes, at);
      case COLON:
        if (this.#depth !== 1 || this.#top !== "object" || this.#key !== null) return false;
        this.#key = String(this.#parse(bytes, at));
        return true;
      default:
        if (this.#depth > (this.#list || 1)) return false;
        this.#element(bytes, at);
        return true;
    }
  }

  #open(isList: boolean): boolean {
    this.#depth++;
    if (this.#depth === 1) {
      this.#top = isList ? "list" : "object";
      if (isList) this.#list = 1;
      return true;
    }
    if (this.#depth === 2 && isList && this.#top === "object" && this.#list === 0) {
      [this.#list, this.#index] = [2, 0];
      return true;
    }
    return false;
  }

  #close(bytes: Uint8Array, at: number): boolean {
    const depth = this.#depth--;
    if (depth === this.#list) {
      this.#element(bytes, at);
      this.#list = 0;
      if (depth === 1) this.#isDone = true;
      return true;
    }
    if (depth !== 1) return false;
    this.#element(bytes, at);
    this.#isDone = true;
    return true;
  }

  /** An element of the open list, or a value at the top, that ends before a byte. */
  #element(bytes: Uint8Array, at: number): void {
    const isEmpty = isBlank(bytes, at);
    if (!isEmpty) {
      const value = this.#parse(bytes, at);
      this.use(this.#key, this.#list > 0 ? this.#index++ : -1, value);
      this.#count++;
    }
    if (this.#list !== 2) this.#key = null;
  }

  #parse(bytes: Uint8Array, at: number): unknown {
    return jsonValue(utf8(bytes.subarray(0, at)), this.output.path, this.#place());
  }

  #place(): string {
    const key = this.#key === null ? "its top" : JSON.stringify(this.#key);
    return `${this.#list > 0 ? `element ${this.#index} of ${key}` : key} (at byte ${this.#passed})`;
  }

  #drop(count: number): void {
    this.#bytes.drop(count);
    this.#passed += count;
    this.#seen = 0;
  }
}

function isBlank(bytes: Uint8Array, to: number): boolean {
  for (let i = 0; i < to; i++) if (bytes[i]! > 0x20) return false;
  return true;
}
