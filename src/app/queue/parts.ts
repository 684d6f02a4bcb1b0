import { createHash } from "node:crypto";
import { z } from "zod";
import { sha256 } from "../sha256.ts";
import { MOST_CHECKPOINT_BYTES } from "../storage/read_limited.ts";

/** Bytes of a part: Redis, which does one thing at a time, serves others between two of them. */
export const PART_BYTES = 2 ** 20;

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hexadecimal");

/** A file as it lies in Redis: its parts by their digests, and the digest of the whole. */
export const manifestSchema = z.strictObject({
  bytes: z.int().min(0).max(MOST_CHECKPOINT_BYTES),
  sha256: sha256Hex,
  parts: z.array(sha256Hex).max(Math.ceil(MOST_CHECKPOINT_BYTES / PART_BYTES)),
});
export type Manifest = z.output<typeof manifestSchema>;

/** Bytes that came from elsewhere and are not what they should be. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/** Cuts a file into parts. */
export function cut(bytes: Uint8Array): { manifest: Manifest; parts: Map<string, Uint8Array> } {
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / PART_BYTES) },
    (_, index) => bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
  );
  const digests = pieces.map((piece) => sha256(piece));
  return {
    manifest: { bytes: bytes.length, sha256: sha256(bytes), parts: digests },
    parts: new Map(digests.map((digest, index) => [digest, pieces[index]!])),
  };
}

/**
 * The file that a manifest describes.
 *
 * @param part gives a part by its digest; `null` where it is gone.
 * @param into receives the bytes; made where left out.
 * @throws {PartError} for a part that is gone or is not what its digest says.
 */
export async function join(
  manifest: Manifest,
  part: (digest: string) => Promise<Uint8Array | null>,
  into: Uint8Array = new Uint8Array(manifest.bytes),
): Promise<Uint8Array> {
  const whole = createHash("sha256");
  let at = 0;
  for (const digest of manifest.parts) {
    const piece = await part(digest);
    if (piece === null) throw new PartError(`the part ${digest.slice(0, 12)} is gone`);
    if (sha256(piece) !== digest) throw new PartError(`the part ${digest.slice(0, 12)} is damaged`);
    if (at + piece.length > into.length) throw new PartError(`it has more than its ${manifest.bytes} bytes`);
    into.set(piece, at);
    whole.update(piece);
    at += piece.length;
  }
  if (at !== manifest.bytes || whole.digest("hex") !== manifest.sha256) {
    throw new PartError("its parts do not make up the whole");
  }
  return into;
}
