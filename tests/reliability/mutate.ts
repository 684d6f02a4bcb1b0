import type { Random } from "#lib/prng.ts";

/** Pieces that parsers trip over. */
const TOKENS = [
  ..."\0 \n \t - : , { } [ ] \" ' # & * ! | > % @ ` ~ ? \\ / . e E + _ = < \ufeff".split(" "),
  ...[
    "null",
    "true",
    "NaN",
    "Infinity",
    "1e309",
    "-1e309",
    "1e-400",
    "-0",
    "0x10",
    "1_000",
    "9007199254740993",
  ],
  ...["__proto__", "constructor", "toString", "<<: *a", "&a [*a, *a]", "!!js/function", "\u202e", "\x1b[31m"],
  ...[
    "{}",
    "[]",
    '""',
    "-1",
    "0",
    "1e9",
    "18446744073709551615",
    '"\\ud800"',
    "😀",
    "100%",
    "3 epochs",
    "..",
    "/",
  ],
  ...["[", "{a: ", '{"a":', "- ", "1", "a"].map((piece) => piece.repeat(20_000)),
].map((text) => new TextEncoder().encode(text));
const VALUES = [
  "null",
  "-1",
  "0",
  "1e309",
  "1.5",
  "9007199254740993",
  "1e-320",
  "true",
  "[]",
  "{}",
  '"a"',
  '""',
  "[1, 2]",
]
  .map((text) => new TextEncoder().encode(text));
const BYTES = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x22, 0x30, 0x39, 0x5b, 0x7b];
const WORDS = [0, 1, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** An input does not grow beyond this by copies. */
const MOST_BYTES = 4_000_000;

/** A copy of some bytes with one to five changes: bits, bytes, words, numbers, cuts, copies, pieces of another input. */
export function mutated(bytes: Uint8Array, others: readonly Uint8Array[], source: Random): Uint8Array {
  let changed = Uint8Array.from(bytes);
  for (let count = 1 + source.below(5); count > 0; count--) changed = changedOnce(changed, others, source);
  return changed;
}

function changedOnce(
  bytes: Uint8Array<ArrayBuffer>,
  others: readonly Uint8Array[],
  source: Random,
): Uint8Array<ArrayBuffer> {
  const at = source.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + source.below(source.below(2) === 0 ? 8 : 400));
  const kind = bytes.length === 0 ? 5 : source.below(12);
  switch (kind) {
    case 0: // a bit
      if (at < bytes.length) bytes[at]! ^= 1 << source.below(8);
      return bytes;
    case 1: // a byte
      if (at < bytes.length) bytes[at] = BYTES[source.below(BYTES.length)]!;
      return bytes;
    case 2: // a word of four bytes, of either order
      if (at + 4 <= bytes.length) {
        new DataView(bytes.buffer).setUint32(at, WORDS[source.below(WORDS.length)]!, source.below(2) === 0);
      }
      return bytes;
    case 3: // the end cut off
      return bytes.slice(0, at);
    case 4: // a piece cut out
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 5: // a token put in
      return joined(bytes.subarray(0, at), TOKENS[source.below(TOKENS.length)]!, bytes.subarray(at));
    case 6: // a token in place of a piece
      return joined(bytes.subarray(0, at), TOKENS[source.below(TOKENS.length)]!, bytes.subarray(end));
    case 7: { // a piece repeated
      const times = Math.min(1 + source.below(50), Math.floor(MOST_BYTES / Math.max(1, bytes.length)));
      const piece = bytes.subarray(at, end);
      return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at));
    }
    case 8: { // the end of another input
      const other = others[source.below(others.length)]!;
      return joined(bytes.subarray(0, at), other.subarray(source.below(other.length + 1)));
    }
    default: { // a number, as text, in which most of what a reader checks lies
      const from = bytes.findIndex((byte, place) => place >= at && isDigit(byte));
      if (from === -1) return bytes;
      const past = bytes.findIndex((byte, place) => place > from && !isDigit(byte));
      const value = VALUES[source.below(VALUES.length)]!;
      return joined(bytes.subarray(0, from), value, bytes.subarray(past === -1 ? bytes.length : past));
    }
  }
}

/** `0` to `9`, and what else a number has. */
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39 || byte === 0x2e || byte === 0x2d;

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
