import { maskedCrc32c } from "./crc32c.ts";

/** Bytes before a record's data: its length (64 bits, little-endian) and the length's checksum. */
export const HEAD_BYTES = 12;
/** Bytes after it: the data's checksum. */
const TAIL_BYTES = 4;

/**
 * A record of an event file (TFRecord): length, its masked CRC-32C, data, its masked CRC-32C; little-endian.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { recordOf, recordsIn } from "#trackers/tensorboard/records.ts";
 *
 * const one = recordOf(Uint8Array.of(1, 2, 3));
 * assert.equal(one.length, 19);
 * assert.deepEqual([...recordsIn(one)], [Uint8Array.of(1, 2, 3)]);
 * assert.deepEqual([...recordsIn(one.subarray(0, 18))], [], "a cut record is left out");
 * ```
 */
export function recordOf(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + data.length + TAIL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes, 0, 8), true);
  bytes.set(data, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + data.length, maskedCrc32c(data), true);
  return bytes;
}

/**
 * The data of the whole records at the beginning of some bytes: up to the first one that is cut or whose checksum does
 * not match. Views of the same memory.
 */
export function* recordsIn(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEAD_BYTES + TAIL_BYTES <= bytes.length;) {
    if (view.getUint32(at + 8, true) !== maskedCrc32c(bytes, at, at + 8)) return;
    const end = BigInt(at + HEAD_BYTES) + view.getBigUint64(at, true);
    if (end + BigInt(TAIL_BYTES) > bytes.length) return;
    const to = Number(end);
    if (view.getUint32(to, true) !== maskedCrc32c(bytes, at + HEAD_BYTES, to)) return;
    yield bytes.subarray(at + HEAD_BYTES, to);
    at = to + TAIL_BYTES;
  }
}
