/** UTF-8 bytes of a text; half a character becomes U+FFFD. Written out because pure rooms know no TextEncoder. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes[length++] = code;
    else {
      const followers = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      bytes[length++] = ((0xff00 >> (followers + 1)) & 0xff) | (code >> (6 * followers));
      for (let k = followers - 1; k >= 0; k--) bytes[length++] = 0x80 | ((code >> (6 * k)) & 63);
    }
  }
  return bytes.slice(0, length);
}

/**
 * The text of UTF-8 bytes.
 *
 * @throws {SyntaxError} for bytes that are not UTF-8.
 */
export function utf8Decode(bytes: Uint8Array): string {
  let encoded = "";
  let plain = true;
  for (const byte of bytes) {
    if (byte < 0x80 && byte !== 0x25) encoded += String.fromCharCode(byte);
    else {
      encoded += `%${byte.toString(16)}`;
      plain = false;
    }
  }
  try {
    return plain ? encoded : decodeURIComponent(encoded);
  } catch {
    throw new SyntaxError("the bytes are not UTF-8");
  }
}
