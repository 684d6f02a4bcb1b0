/** Control characters but line feed, and those that turn the direction of writing. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line for a terminal: control characters, which could move the cursor or colour the rest, become `\ufffd`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { printable, printableLines } from "#lib/printable.ts";
 *
 * assert.equal(printable("a\u001b[31m\nb"), "a\ufffd[31m\ufffdb");
 * assert.equal(printableLines("a\u001b[31m\nb"), "a\ufffd[31m\nb");
 * ```
 */
export function printable(text: string): string {
  return printableLines(text).replaceAll("\n", "\ufffd");
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}
