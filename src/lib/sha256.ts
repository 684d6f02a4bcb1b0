import { utf8Encode } from "./utf8.ts";

/**
 * SHA-256 (FIPS 180-4), 32 bytes. Written out because it is needed where neither Deno's nor a browser's `crypto` is
 * known.
 */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = INITIAL.slice();
  const schedule = new Int32Array(64);
  const whole = bytes.length - bytes.length % 64;
  for (let block = 0; block < whole; block += 64) compress(state, bytes, block, schedule);
  const rest = padded(bytes.subarray(whole), bytes.length);
  for (let block = 0; block < rest.length; block += 64) compress(state, rest, block, schedule);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  state.forEach((word, i) => view.setInt32(4 * i, word));
  return digest;
}

/** Of a text's UTF-8 bytes, as base64: what a Content-Security-Policy names an inline script by. */
export function sha256Base64(text: string): string {
  return base64(sha256(utf8Encode(text)));
}

/** The first 32 bits of the fractional parts of f(prime), for the first primes. */
function fractions(count: number, f: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  return Int32Array.from(primes, (prime) => ((f(prime) % 1) * 0x1_0000_0000) | 0);
}

const INITIAL = fractions(8, Math.sqrt);
const ROUND = fractions(64, Math.cbrt);

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function compress(state: Int32Array, bytes: Uint8Array, block: number, w: Int32Array): void {
  for (let i = 0; i < 16; i++) {
    const at = block + 4 * i;
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  // Eight variables, not an array: checkpoints of megabytes pass here.
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const choose = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choose + ROUND[i]! + w[i]!) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => state[i] = state[i]! + word);
}

/** What is left after the whole blocks, a one bit, zeros, and the length of all in bits, to a multiple of 64 bytes. */
function padded(rest: Uint8Array, total: number): Uint8Array {
  const length = Math.ceil((rest.length + 9) / 64) * 64;
  const out = new Uint8Array(length);
  out.set(rest);
  out[rest.length] = 0x80;
  const view = new DataView(out.buffer);
  view.setUint32(length - 8, Math.floor((total * 8) / 0x1_0000_0000));
  view.setUint32(length - 4, (total * 8) >>> 0);
  return out;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < 4; k++) {
      text += i + k > bytes.length ? "=" : ALPHABET[(word >> (18 - 6 * k)) & 63];
    }
  }
  return text;
}
