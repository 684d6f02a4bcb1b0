import { DataError } from "../source.ts";

/** More tokens than this are no bytes. */
const MOST_TOKENS = 256;

/** A text in tokens. */
export interface Tokens {
  readonly unit: "character" | "byte";
  /** By number: the character, or the byte in hex (`0x0a`). */
  readonly names: readonly string[];
  readonly values: Uint8Array;
  readonly characters: number;
}

/**
 * A text's tokens: its characters (Unicode's code points) where it has at most 256 different ones, else the bytes of its
 * UTF-8. Numbers follow the order of codes.
 *
 * @param bytes valid UTF-8.
 * @throws {DataError} for less than two different tokens.
 */
export function tokenise(bytes: Uint8Array, where: string): Tokens {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const codes = new Set<number>();
  let characters = 0;
  for (let at = 0; at < text.length; characters++) {
    const code = text.codePointAt(at)!;
    if (codes.size <= MOST_TOKENS) codes.add(code);
    at += code > 0xffff ? 2 : 1;
  }
  if (codes.size < 2) {
    throw new DataError(
      `Cannot use ${where}: it has ${codes.size} different characters; at least 2 are needed`,
    );
  }
  return codes.size <= MOST_TOKENS ? byCharacter(text, codes, characters) : byByte(bytes, characters);
}

function byCharacter(text: string, codes: ReadonlySet<number>, characters: number): Tokens {
  const sorted = [...codes].sort((a, b) => a - b);
  const numbers = new Map(sorted.map((code, token) => [code, token]));
  const values = new Uint8Array(characters);
  for (let at = 0, token = 0; token < characters; token++) {
    const code = text.codePointAt(at)!;
    values[token] = numbers.get(code)!;
    at += code > 0xffff ? 2 : 1;
  }
  return { unit: "character", names: sorted.map((code) => String.fromCodePoint(code)), values, characters };
}

function byByte(bytes: Uint8Array, characters: number): Tokens {
  const sorted = [...new Set(bytes)].sort((a, b) => a - b);
  const numbers = new Uint8Array(MOST_TOKENS);
  sorted.forEach((byte, token) => numbers[byte] = token);
  const names = sorted.map((byte) => `0x${byte.toString(16).padStart(2, "0")}`);
  return { unit: "byte", names, values: bytes.map((byte) => numbers[byte]!), characters };
}
