/** SHA-256 of bytes: 32 bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // A copy, because the platform takes no memory that workers may share.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
}

/** SHA-256 of a text's UTF-8 bytes, as base64: what a Content-Security-Policy names an inline script by. */
export async function sha256Base64(text: string): Promise<string> {
  return (await sha256(new TextEncoder().encode(text))).toBase64();
}
