/** SHA-256 of bytes: 32 bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // A copy, because the platform takes no memory that workers may share.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
}

/** The same, hexadecimal; of a text, its UTF-8 bytes. */
export async function sha256Hex(content: string | Uint8Array): Promise<string> {
  return (await sha256(typeof content === "string" ? new TextEncoder().encode(content) : content)).toHex();
}

/** SHA-256 of a text's UTF-8 bytes, as base64: what a Content-Security-Policy names an inline script by. */
export async function sha256Base64(text: string): Promise<string> {
  return (await sha256(new TextEncoder().encode(text))).toBase64();
}
