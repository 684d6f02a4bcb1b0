/** Bytes one after the other, copied. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const into = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
