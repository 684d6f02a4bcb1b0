/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4) of bytes `from` to `to`, as an unsigned 32-bit number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { crc32c } from "#trackers/tensorboard/crc32c.ts";
 *
 * const digits = Uint8Array.from("123456789", (digit) => digit.charCodeAt(0));
 * assert.equal(crc32c(digits), 0xe3069283);
 * assert.equal(crc32c(new Uint8Array()), 0);
 * ```
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let rest = 0xffffffff;
  for (let at = from; at < to; at++) rest = (rest >>> 8) ^ TABLE[(rest ^ bytes[at]!) & 0xff]!;
  return ~rest >>> 0;
}

/** The CRC as records store it: rotated right by 15 bits, plus a constant, so that a CRC of CRCs stays sound. */
export function maskedCrc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const crc = crc32c(bytes, from, to);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
