/**
 * GELU in its exact form and ReLU², forward and backward. Images have contiguous channels; strides are in bytes. Nothing
 * past the named pixels is touched.
 *
 * Φ(x) = ½ erfc(−x / √2), and for z ≥ 0 erfc(z) = e^(−z²) P(t) with t = 1 / (1 + 0.41 z) and a polynomial P of degree 8
 * of least error, 6e-9 of 1: the exponential is that of the density, which the gradient needs too.
 */
import { exponentials } from "./exponential";
import { atLeast, madd, read, write } from "./simd";

/** 0.41 / √2 */
const STEP: f32 = 0.28991378028648446;
const INVERSE_ROOT: f32 = 0.3989422804014327;

/** Values and densities of the normal distribution. */
// @ts-ignore: decorator
@inline
function density(x: v128): v128 {
  return exponentials(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** Φ(x) from e^(−x²/2). */
// @ts-ignore: decorator
@inline
function distribution(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, madd(f32x4.abs(x), f32x4.splat(STEP), one));
  // ½ P(t).
  let p = madd(f32x4.splat(0.038254332655227), t, f32x4.splat(-0.1869812564358272));
  p = madd(p, t, f32x4.splat(0.2924543228321502));
  p = madd(p, t, f32x4.splat(-0.1330944247362292));
  p = madd(p, t, f32x4.splat(0.1713132566910285));
  p = madd(p, t, f32x4.splat(0.0837660322453935));
  p = madd(p, t, f32x4.splat(0.1188143471170852));
  p = madd(p, t, f32x4.splat(0.1154733927679918));
  const tail = f32x4.mul(f32x4.mul(p, t), e);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function geluOf(x: v128): v128 {
  return f32x4.mul(x, distribution(x, density(x)));
}

/** Φ(x) + x φ(x). */
// @ts-ignore: decorator
@inline
function geluSlope(x: v128): v128 {
  const e = density(x);
  return madd(f32x4.mul(x, f32x4.splat(INVERSE_ROOT)), e, distribution(x, e));
}

// @ts-ignore: decorator
@inline
function squareOf(x: v128): v128 {
  const positive = atLeast(x, f32x4.splat(0));
  return f32x4.mul(positive, positive);
}

// @ts-ignore: decorator
@inline
function squareSlope(x: v128): v128 {
  const positive = atLeast(x, f32x4.splat(0));
  return f32x4.add(positive, positive);
}

/** out = x Φ(x), or max(x, 0)² where `squared` is set. */
export function smoothActivation(
  x: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
  squared: bool,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel) {
        let c = 0;
        if (squared) {
          for (; c + 4 <= channels; c += 4) {
            v128.store(to + (<usize> c << 2), squareOf(v128.load(from + (<usize> c << 2))));
          }
        } else {
          for (; c + 4 <= channels; c += 4) {
            v128.store(to + (<usize> c << 2), geluOf(v128.load(from + (<usize> c << 2))));
          }
        }
        if (c < channels) {
          const value = read(false, from + (<usize> c << 2), channels - c);
          write(false, to + (<usize> c << 2), squared ? squareOf(value) : geluOf(value), channels - c);
        }
      }
    }
  }
}

/** dx = dy · the slope at x. */
export function smoothActivationGradient(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
  squared: bool,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let outer = dy + <usize> item * dyImage + <usize> row * dyRow;
      let to = dx + <usize> item * dxImage + <usize> row * dxRow;
      for (let column = 0; column < width; column++, from += xPixel, outer += dyPixel, to += dxPixel) {
        let c = 0;
        if (squared) {
          for (; c + 4 <= channels; c += 4) {
            const at = <usize> c << 2;
            v128.store(to + at, f32x4.mul(v128.load(outer + at), squareSlope(v128.load(from + at))));
          }
        } else {
          for (; c + 4 <= channels; c += 4) {
            const at = <usize> c << 2;
            v128.store(to + at, f32x4.mul(v128.load(outer + at), geluSlope(v128.load(from + at))));
          }
        }
        if (c < channels) {
          const at = <usize> c << 2;
          const value = read(false, from + at, channels - c);
          const slope = squared ? squareSlope(value) : geluSlope(value);
          write(false, to + at, f32x4.mul(read(false, outer + at, channels - c), slope), channels - c);
        }
      }
    }
  }
}
