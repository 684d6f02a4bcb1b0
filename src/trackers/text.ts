import { utf8 } from "#lib/utf8.ts";

/** A file's first bytes as text; `null` for bytes that no text has. */
export function textOf(head: Uint8Array): string | null {
  return head.includes(0) ? null : utf8(head);
}
