/** `(a, b, c) => relaxed_madd(a, b, c)` on one lane of `f32x4`. */
// deno-fmt-ignore
const MADD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 125, 125, 125, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0, 0, 10, 22, 1, 20,
  0, 32, 0, 253, 19, 32, 1, 253, 19, 32, 2, 253, 19, 253, 133, 2, 253, 31, 0, 11,
]);

/**
 * True where relaxed SIMD is there and its multiply-add rounds once. WebAssembly leaves it to the processor whether the
 * product is rounded too: of those without a fused instruction the same kernels would give other bits.
 */
export function hasFusedMultiplyAdd(): boolean {
  if (!WebAssembly.validate(MADD)) return false;
  const { a: madd } = new WebAssembly.Instance(new WebAssembly.Module(MADD)).exports;
  // (1 + 2⁻¹²)² is 1 + 2⁻¹¹ + 2⁻²⁴: rounded to 24 bits, the last term is gone.
  const factor = 1 + 2 ** -12;
  return typeof madd === "function" && madd(factor, factor, -(1 + 2 ** -11)) === 2 ** -24;
}
