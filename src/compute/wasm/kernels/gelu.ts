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

/** e^(−x²/2), the normal distribution's density but for its factor. */
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

/** The value at `x` to `out` and the slope there, Φ(x) + x φ(x), to `slope` (0 for none), in `lanes` lanes. */
// @ts-ignore: decorator
@inline
function gelu(whole: bool, x: usize, out: usize, slope: usize, lanes: i32): void {
  const value = read(whole, x, lanes), e = density(value), phi = distribution(value, e);
  write(whole, out, f32x4.mul(value, phi), lanes);
  if (slope) write(whole, slope, madd(f32x4.mul(value, f32x4.splat(INVERSE_ROOT)), e, phi), lanes);
}

/** The same of max(x, 0)², whose slope is 2 max(x, 0). */
// @ts-ignore: decorator
@inline
function square(whole: bool, x: usize, out: usize, slope: usize, lanes: i32): void {
  const positive = atLeast(read(whole, x, lanes), f32x4.splat(0));
  write(whole, out, f32x4.mul(positive, positive), lanes);
  if (slope) write(whole, slope, f32x4.add(positive, positive), lanes);
}

/**
 * out = x Φ(x), or max(x, 0)² where `squared` is set. `slopes` (0 for none) = the slope at x: nearly all of it is at hand,
 * and the pass back is then a product.
 */
export function smoothActivation(
  x: usize,
  out: usize,
  slopes: usize,
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
  const step = slopes ? <usize> channels << 2 : 0;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel, slopes += step) {
        let c = 0;
        if (squared) {
          for (; c + 4 <= channels; c += 4) {
            const at = <usize> c << 2;
            square(true, from + at, to + at, slopes ? slopes + at : 0, 4);
          }
        } else {
          for (; c + 4 <= channels; c += 4) {
            const at = <usize> c << 2;
            gelu(true, from + at, to + at, slopes ? slopes + at : 0, 4);
          }
        }
        if (c < channels) {
          const at = <usize> c << 2, slope = slopes ? slopes + at : 0;
          if (squared) square(false, from + at, to + at, slope, channels - c);
          else gelu(false, from + at, to + at, slope, channels - c);
        }
      }
    }
  }
}

/** dx = dy · slope; slopes as `smoothActivation` leaves them, [batch][height][width][channels]. */
export function smoothActivationGradient(
  slopes: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = dy + <usize> item * dyImage + <usize> row * dyRow;
      let to = dx + <usize> item * dxImage + <usize> row * dxRow;
      for (let column = 0; column < width; column++, from += dyPixel, to += dxPixel) {
        let c = 0;
        for (; c + 4 <= channels; c += 4, slopes += 16) {
          const at = <usize> c << 2;
          v128.store(to + at, f32x4.mul(v128.load(from + at), v128.load(slopes)));
        }
        for (; c < channels; c++, slopes += 4) {
          const at = <usize> c << 2;
          store<f32>(to + at, load<f32>(from + at) * load<f32>(slopes));
        }
      }
    }
  }
}
