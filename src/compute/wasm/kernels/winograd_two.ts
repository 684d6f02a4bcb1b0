/** The transforms of Winograd's F(2 × 2, 3 × 3): 16 multiplications for four outputs instead of 36. */
import { atLeast } from "./simd";

/** Bᵀ d B of each patch in a row of tiles; B's columns are (1, 0, −1, 0), (0, 1, 1, 0), (0, −1, 1, 0), (0, 1, 0, −1). */
export function transformInput(
  x: usize, to: usize, columns: i32, channels: i32, xPixel: usize, xRow: usize, place: usize,
): void {
  for (let tile = 0; tile < columns; tile++, x += 2 * xPixel) {
    for (let c = 0; c < channels; c += 4, to += 16) {
      let from = x + (<usize>c << 2);
      const a0 = v128.load(from), a1 = v128.load(from + xPixel);
      const a2 = v128.load(from + 2 * xPixel), a3 = v128.load(from + 3 * xPixel);
      from += xRow;
      const b0 = v128.load(from), b1 = v128.load(from + xPixel);
      const b2 = v128.load(from + 2 * xPixel), b3 = v128.load(from + 3 * xPixel);
      from += xRow;
      const c0 = v128.load(from), c1 = v128.load(from + xPixel);
      const c2 = v128.load(from + 2 * xPixel), c3 = v128.load(from + 3 * xPixel);
      from += xRow;
      const d0 = v128.load(from), d1 = v128.load(from + xPixel);
      const d2 = v128.load(from + 2 * xPixel), d3 = v128.load(from + 3 * xPixel);
      storeRow(to, place, f32x4.sub(a0, c0), f32x4.sub(a1, c1), f32x4.sub(a2, c2), f32x4.sub(a3, c3));
      storeRow(to + 4 * place, place, f32x4.add(b0, c0), f32x4.add(b1, c1), f32x4.add(b2, c2), f32x4.add(b3, c3));
      storeRow(to + 8 * place, place, f32x4.sub(c0, b0), f32x4.sub(c1, b1), f32x4.sub(c2, b2), f32x4.sub(c3, b3));
      storeRow(to + 12 * place, place, f32x4.sub(b0, d0), f32x4.sub(b1, d1), f32x4.sub(b2, d2), f32x4.sub(b3, d3));
    }
  }
}

/** A row of the patch times B, one number to each of four places. */
// @ts-ignore: decorator
@inline
function storeRow(to: usize, place: usize, t0: v128, t1: v128, t2: v128, t3: v128): void {
  v128.store(to, f32x4.sub(t0, t2));
  v128.store(to + place, f32x4.add(t1, t2));
  v128.store(to + 2 * place, f32x4.sub(t2, t1));
  v128.store(to + 3 * place, f32x4.sub(t1, t3));
}

/** Aᵀ m A of each tile in a row, plus bias (0 for none), and its ReLU; A's columns are (1, 1, 1, 0), (0, 1, −1, −1). */
export function transformOutput(
  from: usize, out: usize, bias: usize, columns: i32, channels: i32, place: usize, outPixel: usize, outRow: usize,
  relu: bool,
): void {
  const zero = f32x4.splat(0), least = relu ? zero : f32x4.splat(-Infinity);
  for (let tile = 0; tile < columns; tile++, out += 2 * outPixel) {
    for (let c = 0; c < channels; c += 4, from += 16) {
      const to = out + (<usize>c << 2);
      const shift = bias ? v128.load(bias + (<usize>c << 2)) : zero;
      let u0 = zero, u1 = zero, u2 = zero, u3 = zero, l0 = zero, l1 = zero, l2 = zero, l3 = zero;
      // Rows of the product: the first three add up to the upper outputs, the last three to the lower.
      let m = from;
      u0 = v128.load(m), u1 = v128.load(m + place), u2 = v128.load(m + 2 * place), u3 = v128.load(m + 3 * place);
      m += 4 * place;
      l0 = v128.load(m), l1 = v128.load(m + place), l2 = v128.load(m + 2 * place), l3 = v128.load(m + 3 * place);
      u0 = f32x4.add(u0, l0), u1 = f32x4.add(u1, l1), u2 = f32x4.add(u2, l2), u3 = f32x4.add(u3, l3);
      m += 4 * place;
      const r0 = v128.load(m), r1 = v128.load(m + place), r2 = v128.load(m + 2 * place), r3 = v128.load(m + 3 * place);
      u0 = f32x4.add(u0, r0), u1 = f32x4.add(u1, r1), u2 = f32x4.add(u2, r2), u3 = f32x4.add(u3, r3);
      l0 = f32x4.sub(l0, r0), l1 = f32x4.sub(l1, r1), l2 = f32x4.sub(l2, r2), l3 = f32x4.sub(l3, r3);
      m += 4 * place;
      l0 = f32x4.sub(l0, v128.load(m)), l1 = f32x4.sub(l1, v128.load(m + place));
      l2 = f32x4.sub(l2, v128.load(m + 2 * place)), l3 = f32x4.sub(l3, v128.load(m + 3 * place));
      const upperLeft = f32x4.add(f32x4.add(u0, u1), f32x4.add(u2, shift));
      const upperRight = f32x4.add(f32x4.sub(u1, u2), f32x4.sub(shift, u3));
      const lowerLeft = f32x4.add(f32x4.add(l0, l1), f32x4.add(l2, shift));
      const lowerRight = f32x4.add(f32x4.sub(l1, l2), f32x4.sub(shift, l3));
      v128.store(to, atLeast(upperLeft, least));
      v128.store(to + outPixel, atLeast(upperRight, least));
      v128.store(to + outRow, atLeast(lowerLeft, least));
      v128.store(to + outRow + outPixel, atLeast(lowerRight, least));
    }
  }
}

/** A e Aᵀ of each 2 × 2 patch in a row of tiles; A's rows are (1, 0), (1, 1), (1, −1), (0, −1). */
export function transformGradient(
  dz: usize, to: usize, columns: i32, channels: i32, dzPixel: usize, dzRow: usize, place: usize,
): void {
  for (let tile = 0; tile < columns; tile++, dz += 2 * dzPixel) {
    for (let c = 0; c < channels; c += 4, to += 16) {
      const from = dz + (<usize>c << 2);
      const a0 = v128.load(from), a1 = v128.load(from + dzPixel);
      const b0 = v128.load(from + dzRow), b1 = v128.load(from + dzRow + dzPixel);
      storePair(to, place, a0, a1);
      storePair(to + 4 * place, place, f32x4.add(a0, b0), f32x4.add(a1, b1));
      storePair(to + 8 * place, place, f32x4.sub(a0, b0), f32x4.sub(a1, b1));
      storePair(to + 12 * place, place, f32x4.neg(b0), f32x4.neg(b1));
    }
  }
}

/** Two numbers of a row times Aᵀ, one number to each of four places. */
// @ts-ignore: decorator
@inline
function storePair(to: usize, place: usize, left: v128, right: v128): void {
  v128.store(to, left);
  v128.store(to + place, f32x4.add(left, right));
  v128.store(to + 2 * place, f32x4.sub(left, right));
  v128.store(to + 3 * place, f32x4.neg(right));
}

/** Gᵀ m G of four channels, whose 16 numbers lie `place` bytes apart, to taps `tap` bytes apart; G is that of the filter. */
export function sumFilter(from: usize, place: usize, to: usize, tap: usize): void {
  const half = f32x4.splat(0.5);
  for (let row: usize = 0; row < 3; row++, to += 3 * tap) {
    const m0 = sumRows(from, 4 * place, row), m1 = sumRows(from + place, 4 * place, row);
    const m2 = sumRows(from + 2 * place, 4 * place, row), m3 = sumRows(from + 3 * place, 4 * place, row);
    v128.store(to, f32x4.add(m0, f32x4.mul(half, f32x4.add(m1, m2))));
    v128.store(to + tap, f32x4.mul(half, f32x4.sub(m1, m2)));
    v128.store(to + 2 * tap, f32x4.add(m3, f32x4.mul(half, f32x4.add(m1, m2))));
  }
}

/** A number of Gᵀ m: a row of Gᵀ times the four rows of m, which lie `step` apart. */
// @ts-ignore: decorator
@inline
function sumRows(from: usize, step: usize, row: usize): v128 {
  const half = f32x4.splat(0.5);
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  if (row == 1) return f32x4.mul(half, f32x4.sub(m1, m2));
  return f32x4.add(v128.load(from + (row == 0 ? 0 : 3 * step)), f32x4.mul(half, f32x4.add(m1, m2)));
}

/**
 * G g Gᵀ of a filter whose taps lie `tap` bytes apart, four channels of it, a number to each of 16 places; G's rows are
 * (1, 0, 0), (½, ½, ½), (½, −½, ½), (0, 0, 1).
 */
export function transformFilter(from: usize, tap: usize, to: usize, place: usize): void {
  const half = f32x4.splat(0.5);
  for (let row: usize = 0; row < 4; row++, to += 4 * place) {
    const g0 = filterRow(from, tap, row, half), g1 = filterRow(from + tap, tap, row, half);
    const g2 = filterRow(from + 2 * tap, tap, row, half);
    const outer = f32x4.mul(half, f32x4.add(g0, g2)), inner = f32x4.mul(half, g1);
    v128.store(to, g0);
    v128.store(to + place, f32x4.add(outer, inner));
    v128.store(to + 2 * place, f32x4.sub(outer, inner));
    v128.store(to + 3 * place, g2);
  }
}

/** A number of G g: a row of G times a column of g, whose numbers lie three taps apart. */
// @ts-ignore: decorator
@inline
function filterRow(from: usize, tap: usize, row: usize, half: v128): v128 {
  if (row == 0) return v128.load(from);
  if (row == 3) return v128.load(from + 6 * tap);
  const outer = f32x4.mul(half, f32x4.add(v128.load(from), v128.load(from + 6 * tap)));
  const inner = f32x4.mul(half, v128.load(from + 3 * tap));
  return row == 1 ? f32x4.add(outer, inner) : f32x4.sub(outer, inner);
}
