const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * Text of UTF-8 bytes; what is no UTF-8 becomes `\ufffd`, and a byte order mark stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { utf8 } from "#lib/utf8.ts";
 *
 * assert.equal(utf8(new Uint8Array([0xc3, 0xa4, 0xff])), "ä\ufffd");
 * ```
 */
export function utf8(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}
