/**
 * The transforms of Winograd's F(4 × 4, 3 × 3) with the points 0, ±√½, ±√2 and ∞: 36 multiplications for sixteen outputs
 * instead of 144. Sums over many channels come within 2e-6 of float64 by these points and within 7e-6 by the usual 0, ±1,
 * ±2 and ∞ (Barabasz et al., 2020, on the choice of points).
 *
 * A transform goes along columns into `lines`, where a pixel's four channels are one vector, then along rows.
 */
import { atLeast, madd } from "./simd";

/** The positive points, a and b: a b = 1, a² = ½ and b² = 2. */
const A: f32 = 0.70710678118654752;
const B: f32 = 1.41421356237309505;

/**
 * Bᵀ d B of each 6 × 6 patch in a row of tiles, a number to each of 36 places. `lines`: [4 · columns + 2][6] vectors, so
 * that neighbouring tiles share what is done along columns.
 */
export function transformInput(
  x: usize, to: usize, lines: usize, columns: i32, channels: i32, xPixel: usize, xRow: usize, tileBytes: usize,
  place: usize,
): void {
  const pixels = 4 * columns + 2;
  for (let c = 0; c < channels; c += 4, x += 16, to += 16) {
    let from = x, line = lines;
    for (let pixel = 0; pixel < pixels; pixel++, from += xPixel, line += 96) inputLine(from, xRow, line, 16);
    let tile = to;
    line = lines;
    for (let column = 0; column < columns; column++, tile += tileBytes, line += 384) {
      let at = tile;
      for (let row: usize = 0; row < 96; row += 16, at += 6 * place) inputLine(line + row, 96, at, place);
    }
  }
}

/** Bᵀ of six vectors that lie `step` bytes apart, written `place` bytes apart. */
// @ts-ignore: decorator
@inline
function inputLine(from: usize, step: usize, to: usize, place: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step);
  from += 2 * step;
  const d2 = v128.load(from), d3 = v128.load(from + step);
  from += 2 * step;
  const d4 = v128.load(from), d5 = v128.load(from + step);
  v128.store(to, madd(f32x4.splat(-2.5), d2, f32x4.add(d0, d4)));
  to += place;
  storeBoth(to, place, madd(f32x4.splat(-2), d2, d4), madd(f32x4.splat(-2), d1, d3), f32x4.splat(A));
  to += 2 * place;
  storeBoth(to, place, madd(f32x4.splat(-0.5), d2, d4), madd(f32x4.splat(-0.5), d1, d3), f32x4.splat(B));
  v128.store(to + 2 * place, madd(f32x4.splat(-2.5), d3, f32x4.add(d1, d5)));
}

/** even + point · odd and even − point · odd: what the points ± `point` give. */
// @ts-ignore: decorator
@inline
function storeBoth(to: usize, place: usize, even: v128, odd: v128, point: v128): void {
  const rise = f32x4.mul(point, odd);
  v128.store(to, f32x4.add(even, rise));
  v128.store(to + place, f32x4.sub(even, rise));
}

/** Aᵀ m A of each tile in a row, plus bias (0 for none), and its ReLU. `lines`: 24 vectors. */
export function transformOutput(
  from: usize, out: usize, bias: usize, lines: usize, columns: i32, channels: i32, tileBytes: usize, place: usize,
  outPixel: usize, outRow: usize, relu: bool,
): void {
  const zero = f32x4.splat(0), least = relu ? zero : f32x4.splat(-Infinity);
  for (let tile = 0; tile < columns; tile++, out += 4 * outPixel, from += tileBytes) {
    for (let c = 0; c < channels; c += 4) {
      const at = <usize>c << 2, shift = bias ? v128.load(bias + at) : zero;
      let place0 = from + at;
      for (let column: usize = 0; column < 96; column += 16, place0 += place) {
        outputLine(place0, 6 * place, lines + column, 96, zero, f32x4.splat(-Infinity));
      }
      let to = out + at;
      for (let line = lines; line < lines + 384; line += 96, to += outRow) {
        outputLine(line, 16, to, outPixel, shift, least);
      }
    }
  }
}

/** Aᵀ of six vectors, plus `shift`. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, step: usize, to: usize, pixel: usize, shift: v128, least: v128): void {
  const m0 = v128.load(from), m1 = v128.load(from + step);
  from += 2 * step;
  const m2 = v128.load(from), m3 = v128.load(from + step);
  from += 2 * step;
  const m4 = v128.load(from), m5 = v128.load(from + step);
  const even = f32x4.add(m1, m2), wideEven = f32x4.add(m3, m4);
  const odd = f32x4.mul(f32x4.splat(A), f32x4.sub(m1, m2)), wideOdd = f32x4.mul(f32x4.splat(B), f32x4.sub(m3, m4));
  v128.store(to, atLeast(f32x4.add(f32x4.add(m0, shift), f32x4.add(even, wideEven)), least));
  to += pixel;
  v128.store(to, atLeast(f32x4.add(shift, f32x4.add(odd, wideOdd)), least));
  to += pixel;
  v128.store(to, atLeast(madd(f32x4.splat(0.5), even, madd(f32x4.splat(2), wideEven, shift)), least));
  to += pixel;
  const third = madd(f32x4.splat(0.5), odd, madd(f32x4.splat(2), wideOdd, f32x4.add(m5, shift)));
  v128.store(to, atLeast(third, least));
}

/** A e Aᵀ of each 4 × 4 patch in a row of tiles, a number to each of 36 places. `lines`: 24 vectors. */
export function transformGradient(
  dz: usize, to: usize, lines: usize, columns: i32, channels: i32, dzPixel: usize, dzRow: usize, tileBytes: usize,
  place: usize,
): void {
  for (let tile = 0; tile < columns; tile++, dz += 4 * dzPixel, to += tileBytes) {
    for (let c = 0; c < channels; c += 4) {
      let from = dz + (<usize>c << 2), at = to + (<usize>c << 2);
      for (let line = lines; line < lines + 64; line += 16, from += dzPixel) gradientLine(from, dzRow, line, 64);
      for (let line = lines; line < lines + 384; line += 64, at += 6 * place) gradientLine(line, 16, at, place);
    }
  }
}

/** A of four vectors. */
// @ts-ignore: decorator
@inline
function gradientLine(from: usize, step: usize, to: usize, place: usize): void {
  const e0 = v128.load(from), e1 = v128.load(from + step);
  from += 2 * step;
  const e2 = v128.load(from), e3 = v128.load(from + step);
  v128.store(to, e0);
  to += place;
  storeBoth(to, place, madd(f32x4.splat(0.5), e2, e0), madd(f32x4.splat(0.5), e3, e1), f32x4.splat(A));
  to += 2 * place;
  storeBoth(to, place, madd(f32x4.splat(2), e2, e0), madd(f32x4.splat(2), e3, e1), f32x4.splat(B));
  v128.store(to + 2 * place, e3);
}

/** G g Gᵀ of a filter whose taps lie `tap` bytes apart, four channels of it, a number to each of 36 places. */
export function transformFilter(from: usize, tap: usize, to: usize, place: usize): void {
  for (let row = 0; row < 6; row++, to += 6 * place) {
    const g0 = filterRow(from, tap, row), g1 = filterRow(from + tap, tap, row);
    const g2 = filterRow(from + 2 * tap, tap, row);
    v128.store(to, g0);
    storeBoth(to + place, place, scaled(-2 / 3, madd(f32x4.splat(0.5), g2, g0)), scaled(-2 / 3, g1), f32x4.splat(A));
    storeBoth(to + 3 * place, place, scaled(1 / 6, madd(f32x4.splat(2), g2, g0)), scaled(1 / 6, g1), f32x4.splat(B));
    v128.store(to + 5 * place, g2);
  }
}

/** A number of G g: a row of G times a column of g, whose numbers lie three taps apart. */
// @ts-ignore: decorator
@inline
function filterRow(from: usize, tap: usize, row: i32): v128 {
  const g0 = v128.load(from), g1 = v128.load(from + 3 * tap), g2 = v128.load(from + 6 * tap);
  if (row == 0) return g0;
  if (row == 5) return g2;
  const even = madd(f32x4.splat(row < 3 ? 0.5 : 2), g2, g0), point = row < 3 ? A : B;
  return scaled(row < 3 ? -2 / 3 : 1 / 6, madd(f32x4.splat(row & 1 ? point : -point), g1, even));
}

// @ts-ignore: decorator
@inline
function scaled(factor: f32, value: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), value);
}

/** Gᵀ m G of four channels, whose 36 numbers lie `place` bytes apart, to taps `tap` bytes apart. */
export function sumFilter(from: usize, place: usize, to: usize, tap: usize): void {
  for (let row = 0; row < 3; row++, to += 3 * tap) {
    const m0 = sumRows(from, 6 * place, row), m1 = sumRows(from + place, 6 * place, row);
    const m2 = sumRows(from + 2 * place, 6 * place, row), m3 = sumRows(from + 3 * place, 6 * place, row);
    const m4 = sumRows(from + 4 * place, 6 * place, row), m5 = sumRows(from + 5 * place, 6 * place, row);
    const even = scaled(-2 / 3, f32x4.add(m1, m2)), wideEven = scaled(1 / 6, f32x4.add(m3, m4));
    v128.store(to, f32x4.add(m0, f32x4.add(even, wideEven)));
    v128.store(to + tap, f32x4.add(scaled(-2 / 3 * A, f32x4.sub(m1, m2)), scaled(1 / 6 * B, f32x4.sub(m3, m4))));
    v128.store(to + 2 * tap, madd(f32x4.splat(0.5), even, madd(f32x4.splat(2), wideEven, m5)));
  }
}

/** A number of Gᵀ m: a row of Gᵀ times the six rows of m, which lie `step` apart. */
// @ts-ignore: decorator
@inline
function sumRows(from: usize, step: usize, row: i32): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step);
  if (row == 1) return f32x4.add(scaled(-2 / 3 * A, f32x4.sub(m1, m2)), scaled(1 / 6 * B, f32x4.sub(m3, m4)));
  const even = scaled(-2 / 3, f32x4.add(m1, m2)), wideEven = scaled(1 / 6, f32x4.add(m3, m4));
  if (row == 0) return f32x4.add(v128.load(from), f32x4.add(even, wideEven));
  return madd(f32x4.splat(0.5), even, madd(f32x4.splat(2), wideEven, v128.load(from + 5 * step)));
}
