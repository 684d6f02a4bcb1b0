/** A place in a file that no text can have. */
export interface TextFault {
  /** Bytes before it. */
  readonly offset: number;
  /** Counted from 1; the column in bytes. */
  readonly line: number;
  readonly column: number;
  /** Continues a sentence that begins with the file. */
  readonly problem: string;
}

/** The bytes after a first one: the smallest and largest second byte, and how many bytes come in all (Unicode 15, table 3-7). */
function sequenceOf(first: number): readonly [length: number, low: number, high: number] | null {
  if (first < 0x80) return [1, 0, 0];
  if (first >= 0xc2 && first <= 0xdf) return [2, 0x80, 0xbf];
  if (first === 0xe0) return [3, 0xa0, 0xbf];
  if (first === 0xed) return [3, 0x80, 0x9f];
  if (first >= 0xe1 && first <= 0xef) return [3, 0x80, 0xbf];
  if (first === 0xf0) return [4, 0x90, 0xbf];
  if (first >= 0xf1 && first <= 0xf3) return [4, 0x80, 0xbf];
  return first === 0xf4 ? [4, 0x80, 0x8f] : null;
}

/** The first place at which bytes are no UTF-8 text: a sequence that is none, or a NUL, as binary files have; `null` for text. */
export function textFault(bytes: Uint8Array): TextFault | null {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { offset: 0, line: 1, column: 1, problem: "is UTF-16; save it as UTF-8" };
  }
  let [line, lineStart] = [1, 0];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const length = first === 0 ? 0 : lengthAt(bytes, at);
    if (length === 0) {
      const problem = first === 0
        ? "holds a NUL byte, as binary files do"
        : `is not UTF-8: byte 0x${first.toString(16).padStart(2, "0")} begins no character`;
      return { offset: at, line, column: at - lineStart + 1, problem };
    }
    at += length;
    if (first === 0x0a) [line, lineStart] = [line + 1, at];
  }
  return null;
}

/** Bytes of the character at a place; 0 where there is none. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const sequence = sequenceOf(bytes[at]!);
  if (sequence === null) return 0;
  const [length, low, high] = sequence;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next];
    const [least, most] = next === 1 ? [low, high] : [0x80, 0xbf];
    if (byte === undefined || byte < least || byte > most) return 0;
  }
  return length;
}
