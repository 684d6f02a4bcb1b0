/**
 * Convolution by a 3 × 3 kernel with stride 1 as Winograd's F(2 × 2, 3 × 3) (Lavin and Gray, 2016): 16 multiplications
 * for four outputs instead of 36. Each 4 × 4 patch of the input is transformed, 16 small matrix products run over the
 * channels, and each product's 4 × 4 is transformed to 2 × 2 outputs.
 *
 * Layouts. Images: any with contiguous channels, padding included; output height and width even. Weights: for each
 * of the 16 places the packed weights of a 1 × 1 convolution, without bias. `scratch`: [16][tiles][inChannels] and
 * then [16][tiles][outChannels] floats, for 48 tiles or one row of them, whichever is more.
 *
 * Bounds. Channels in and out are multiples of 8; nothing past the named pixels is touched.
 */
import { convolve, filterGradient } from "./convolution";

/** Tiles that go through the products together: as many pixels as `convolve` takes at once. */
const TILES: i32 = 48;

export function winograd(
  x: usize, packed: usize, out: usize, bias: usize, scratch: usize, table: usize, batch: i32, height: i32,
  width: i32, inChannels: i32, outChannels: i32, xPixel: usize, xRow: usize, xImage: usize, outPixel: usize,
  outRow: usize, outImage: usize, relu: bool,
): void {
  const rows = height >> 1, columns = width >> 1;
  const together = max(1, TILES / columns);
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  const place = <usize>(outChannels >> 3) * ((<usize>inChannels + 1) << 5);
  const units = batch * rows;
  for (let unit = 0; unit < units; unit += together) {
    const count = min(together, units - unit);
    const tiles = count * columns;
    const inPlace = <usize>tiles * inTile, outPlace = <usize>tiles * outTile;
    const products = scratch + 16 * inPlace;
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>((unit + u) % rows);
      const to = scratch + <usize>(u * columns) * inTile;
      transformInput(x + image * xImage + 2 * row * xRow, to, columns, inChannels, xPixel, xRow, inPlace);
    }
    for (let p: usize = 0; p < 16; p++) {
      convolve(
        scratch + p * inPlace, packed + p * place, products + p * outPlace, table, 1, 1, tiles, 1, inChannels,
        outChannels, inTile, 0, 0, 0, outTile, 0, 0, false,
      );
    }
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>((unit + u) % rows);
      const from = products + <usize>(u * columns) * outTile;
      const to = out + image * outImage + 2 * row * outRow;
      transformOutput(from, to, bias, columns, outChannels, outPlace, outPixel, outRow, relu);
    }
  }
}

/** Bᵀ d B of each patch in a row of tiles; B's columns are (1, 0, −1, 0), (0, 1, 1, 0), (0, −1, 1, 0), (0, 1, 0, −1). */
function transformInput(
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
function transformOutput(
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
      v128.store(to, f32x4.max(upperLeft, least));
      v128.store(to + outPixel, f32x4.max(upperRight, least));
      v128.store(to + outRow, f32x4.max(lowerLeft, least));
      v128.store(to + outRow + outPixel, f32x4.max(lowerRight, least));
    }
  }
}

/**
 * G g Gᵀ of every pair of channels, packed; G's rows are (1, 0, 0), (½, ½, ½), (½, −½, ½), (0, 0, 1). The filter is
 * [3][3][inChannels][outChannels]. `transposed`: of the flipped filter with channels exchanged, for the gradient of
 * the input.
 */
export function winogradFilter(
  filter: usize, packed: usize, inChannels: i32, outChannels: i32, transposed: bool,
): void {
  const sums = transposed ? outChannels : inChannels, outs = transposed ? inChannels : outChannels;
  const tap = <usize>(inChannels * outChannels) << 2;
  const place = <usize>(outs >> 3) * ((<usize>sums + 1) << 5);
  for (let out = 0; out < outs; out++) {
    const panel = packed + <usize>(out >> 3) * ((<usize>sums + 1) << 5) + (<usize>(out & 7) << 2);
    for (let p: usize = 0; p < 16; p++) store<f32>(panel + p * place, 0);
    for (let sum = 0; sum < sums; sum++) {
      const pair = transposed ? out * outChannels + sum : sum * outChannels + out;
      const from = filter + (<usize>pair << 2);
      const to = panel + (<usize>(sum + 1) << 5);
      for (let column: usize = 0; column < 3; column++) {
        // The columns of G g, written where the rows of the result will be.
        const at = transposed ? 2 - column : column;
        const first = transposed ? from + (6 + at) * tap : from + at * tap;
        const last = transposed ? from + at * tap : from + (6 + at) * tap;
        const g0 = load<f32>(first), g1 = load<f32>(from + (3 + at) * tap), g2 = load<f32>(last);
        const half: f32 = 0.5 * (g0 + g2);
        store<f32>(to + column * place, g0);
        store<f32>(to + (4 + column) * place, half + 0.5 * g1);
        store<f32>(to + (8 + column) * place, half - 0.5 * g1);
        store<f32>(to + (12 + column) * place, g2);
      }
      for (let row: usize = 0; row < 4; row++) {
        const line = to + 4 * row * place;
        const g0 = load<f32>(line), g1 = load<f32>(line + place), g2 = load<f32>(line + 2 * place);
        const half: f32 = 0.5 * (g0 + g2);
        store<f32>(line + place, half + 0.5 * g1);
        store<f32>(line + 2 * place, half - 0.5 * g1);
        store<f32>(line + 3 * place, g2);
      }
    }
  }
}

/**
 * The gradient of the filter, [3][3][inChannels][outChannels], overwritten: over all tiles the products of the
 * transformed input and the transformed output gradient, place by place, and one transform of their sums at the end.
 * `dz` has the output's pixels in a layout of its own; `work`: [16][inChannels · outChannels] floats.
 */
export function winogradGradient(
  x: usize, dz: usize, gradient: usize, work: usize, scratch: usize, batch: i32, height: i32, width: i32,
  inChannels: i32, outChannels: i32, xPixel: usize, xRow: usize, xImage: usize, dzPixel: usize, dzRow: usize,
  dzImage: usize,
): void {
  const rows = height >> 1, columns = width >> 1;
  const together = max(1, TILES / columns);
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  const place = <usize>(inChannels * outChannels) << 2;
  const units = batch * rows;
  memory.fill(work, 0, 16 * place);
  for (let unit = 0; unit < units; unit += together) {
    const count = min(together, units - unit);
    const tiles = count * columns;
    const inPlace = <usize>tiles * inTile, outPlace = <usize>tiles * outTile;
    const gradients = scratch + 16 * inPlace;
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>((unit + u) % rows);
      const tile = <usize>(u * columns);
      transformInput(x + image * xImage + 2 * row * xRow, scratch + tile * inTile, columns, inChannels, xPixel, xRow, inPlace);
      transformGradient(dz + image * dzImage + 2 * row * dzRow, gradients + tile * outTile, columns, outChannels, dzPixel, dzRow, outPlace);
    }
    for (let p: usize = 0; p < 16; p++) {
      filterGradient(
        scratch + p * inPlace, gradients + p * outPlace, work + p * place, 1, 1, tiles, 1, inChannels, outChannels,
        inTile, 0, 0, 0, outTile, 0, 0, 1,
      );
    }
  }
  sumFilter(work, gradient, inChannels, outChannels);
}

/** A e Aᵀ of each 2 × 2 patch in a row of tiles; A's rows are (1, 0), (1, 1), (1, −1), (0, −1). */
function transformGradient(
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

/** Gᵀ m G of every pair of channels; G is that of `winogradFilter`. `work` has [outChannels / 8][inChannels][8]. */
function sumFilter(work: usize, gradient: usize, inChannels: i32, outChannels: i32): void {
  const place = <usize>(inChannels * outChannels) << 2;
  for (let out = 0; out < outChannels; out += 4) {
    for (let sum = 0; sum < inChannels; sum++) {
      const from = work + (<usize>((out >> 3) * inChannels * 8 + sum * 8 + (out & 7)) << 2);
      for (let row: usize = 0; row < 3; row++) {
        const to = gradient + 3 * row * place + (<usize>(sum * outChannels + out) << 2);
        const m0 = sumRows(from, 4 * place, row), m1 = sumRows(from + place, 4 * place, row);
        const m2 = sumRows(from + 2 * place, 4 * place, row), m3 = sumRows(from + 3 * place, 4 * place, row);
        const half = f32x4.splat(0.5);
        v128.store(to, f32x4.add(m0, f32x4.mul(half, f32x4.add(m1, m2))));
        v128.store(to + place, f32x4.mul(half, f32x4.sub(m1, m2)));
        v128.store(to + 2 * place, f32x4.add(m3, f32x4.mul(half, f32x4.add(m1, m2))));
      }
    }
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
