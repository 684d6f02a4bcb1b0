import { createHash } from "node:crypto";

/**
 * SHA-256 as 64 hexadecimal digits; of a text, of its UTF-8 bytes. As `sha256Hex` of lib, but at once: it loads Node's
 * crypto, which training threads do without.
 */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
