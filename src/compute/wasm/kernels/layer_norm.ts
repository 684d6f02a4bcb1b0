/**
 * Normalisation over the channels of each position: layer norm and, without `centred`, RMS norm (no mean, no offset).
 * Images have contiguous channels; strides are in bytes. `stats` has two floats for each position of the batch: its mean
 * and 1 / √(variance + ε). Nothing past the named pixels is touched.
 */
import { madd, read, write } from "./simd";

const EPSILON: f32 = 1e-5;

/** out = γ (x − mean) / √(variance + ε) + β; β is 0 for none. */
export function layerNorm(
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
  gamma: usize,
  beta: usize,
  stats: usize,
  centred: bool,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel, stats += 8) {
        const mean: f32 = centred ? rowSum(from, channels) / <f32> channels : 0;
        const inverse = <f32> 1 / sqrt<f32>(rowSquares(from, channels, mean) / <f32> channels + EPSILON);
        store<f32>(stats, mean);
        store<f32>(stats, inverse, 4);
        const m = f32x4.splat(mean), s = f32x4.splat(inverse);
        for (let c = 0; c < channels; c += 4) {
          const at = <usize> c << 2, lanes = channels - c;
          if (lanes >= 4) normalise(true, from + at, to + at, gamma + at, beta ? beta + at : 0, m, s, 4);
          else normalise(false, from + at, to + at, gamma + at, beta ? beta + at : 0, m, s, lanes);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function normalise(whole: bool, x: usize, out: usize, gamma: usize, beta: usize, m: v128, s: v128, lanes: i32): void {
  const n = f32x4.mul(f32x4.sub(read(whole, x, lanes), m), s);
  const shift = beta ? read(whole, beta, lanes) : f32x4.splat(0);
  write(whole, out, madd(n, read(whole, gamma, lanes), shift), lanes);
}

/**
 * dx (0 for none), dγ += and dβ += (0 for none). With n = (x − mean) / √(variance + ε) and g = γ dy,
 * dx = (g − mean of g − n · mean of g n) / √(variance + ε). `sums`: 2 · channels floats of scratch; an image is summed
 * by itself, from zero: sums of sums round less than one long sum does.
 */
export function layerNormGradient(
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
  gamma: usize,
  dgamma: usize,
  dbeta: usize,
  stats: usize,
  sums: usize,
  centred: bool,
): void {
  const bytes = <usize> channels << 2;
  for (let item = 0; item < batch; item++) {
    memory.fill(sums, 0, 2 * bytes);
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let outer = dy + <usize> item * dyImage + <usize> row * dyRow;
      let to = dx + <usize> item * dxImage + <usize> row * dxRow;
      for (let column = 0; column < width; column++, from += xPixel, outer += dyPixel, to += dxPixel, stats += 8) {
        gradientRow(from, outer, dx ? to : 0, channels, gamma, load<f32>(stats), load<f32>(stats, 4), sums, centred);
      }
    }
    addFloats(dgamma, sums, channels);
    if (dbeta) addFloats(dbeta, sums + bytes, channels);
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(
  x: usize,
  dy: usize,
  dx: usize,
  channels: i32,
  gamma: usize,
  mean: f32,
  inverse: f32,
  sums: usize,
  centred: bool,
): void {
  const m = f32x4.splat(mean), s = f32x4.splat(inverse);
  const offset = <usize> channels << 2;
  let total = f32x4.splat(0), part = f32x4.splat(0);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize> c << 2;
    const d = v128.load(dy + at), n = f32x4.mul(f32x4.sub(v128.load(x + at), m), s);
    const g = f32x4.mul(d, v128.load(gamma + at));
    total = f32x4.add(total, g);
    part = madd(g, n, part);
    v128.store(sums + at, madd(d, n, v128.load(sums + at)));
    v128.store(sums + offset + at, f32x4.add(v128.load(sums + offset + at), d));
  }
  if (c < channels) {
    const at = <usize> c << 2, lanes = channels - c;
    // Lanes past the last are 0 in d and γ, so they add nothing.
    const d = read(false, dy + at, lanes), n = f32x4.mul(f32x4.sub(read(false, x + at, lanes), m), s);
    const g = f32x4.mul(d, read(false, gamma + at, lanes));
    total = f32x4.add(total, g);
    part = madd(g, n, part);
    write(false, sums + at, madd(d, n, read(false, sums + at, lanes)), lanes);
    write(false, sums + offset + at, f32x4.add(read(false, sums + offset + at, lanes), d), lanes);
  }
  if (!dx) return;
  const a = f32x4.splat(centred ? sumLanes(total) / <f32> channels : 0);
  const b = f32x4.splat(-sumLanes(part) / <f32> channels);
  for (c = 0; c + 4 <= channels; c += 4) {
    const at = <usize> c << 2;
    const n = f32x4.mul(f32x4.sub(v128.load(x + at), m), s);
    const g = f32x4.sub(f32x4.mul(v128.load(dy + at), v128.load(gamma + at)), a);
    v128.store(dx + at, f32x4.mul(s, madd(n, b, g)));
  }
  if (c < channels) {
    const at = <usize> c << 2, lanes = channels - c;
    const n = f32x4.mul(f32x4.sub(read(false, x + at, lanes), m), s);
    const g = f32x4.sub(f32x4.mul(read(false, dy + at, lanes), read(false, gamma + at, lanes)), a);
    write(false, dx + at, f32x4.mul(s, madd(n, b, g)), lanes);
  }
}

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

// @ts-ignore: decorator
@inline
function rowSum(x: usize, channels: i32): f32 {
  let sum = f32x4.splat(0);
  let c = 0;
  for (; c + 4 <= channels; c += 4, x += 16) sum = f32x4.add(sum, v128.load(x));
  if (c < channels) sum = f32x4.add(sum, read(false, x, channels - c));
  return sumLanes(sum);
}

/** Σ (x − mean)². */
// @ts-ignore: decorator
@inline
function rowSquares(x: usize, channels: i32, mean: f32): f32 {
  const m = f32x4.splat(mean);
  let sum = f32x4.splat(0), c = 0;
  for (; c + 4 <= channels; c += 4, x += 16) {
    const d = f32x4.sub(v128.load(x), m);
    sum = madd(d, d, sum);
  }
  let total = sumLanes(sum);
  for (; c < channels; c++, x += 4) {
    const d = load<f32>(x) - mean;
    total += d * d;
  }
  return total;
}

function addFloats(to: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i++, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
