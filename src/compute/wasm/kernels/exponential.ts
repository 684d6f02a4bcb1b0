/** The exponential function of float32 lanes, without tables. */
import { atLeast, madd } from "./simd";

/**
 * eˣ of four x, to 2e-7 of itself: x = k ln 2 + r with |r| ≤ ln 2 / 2, eʳ by a polynomial of least relative error
 * (3e-9), times 2ᵏ. x from −87 to 88; below that it is e⁻⁸⁷, which is 0 beside any number of use. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exponentials(x: v128): v128 {
  x = atLeast(x, f32x4.splat(-87));
  // 1.5 · 2²³ brings a number's whole part into its lowest bits.
  const magic = f32x4.splat(12582912);
  const shifted = madd(x, f32x4.splat(1.4426950408889634), magic);
  const k = f32x4.sub(shifted, magic);
  // ln 2 in two parts, so that r keeps its low bits.
  let r = madd(k, f32x4.splat(-0.693145751953125), x);
  r = madd(k, f32x4.splat(-1.428606765330187e-6), r);
  let p = madd(f32x4.splat(0.0013814282485978), r, f32x4.splat(0.0083686475342015));
  p = madd(p, r, f32x4.splat(0.0416683875398993));
  p = madd(p, r, f32x4.splat(0.1666652123731169));
  p = madd(p, r, f32x4.splat(0.4999999347205195));
  p = madd(p, r, f32x4.splat(1));
  p = madd(p, r, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
