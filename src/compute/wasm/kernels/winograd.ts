/**
 * Convolution by a 3 × 3 kernel with stride 1 as Winograd's F(2 × 2, 3 × 3) (Lavin and Gray, 2016): 16 multiplications
 * for four outputs instead of 36. Each 4 × 4 patch of the input is transformed, 16 small matrix products run over the
 * channels, and each product's 4 × 4 is transformed to 2 × 2 outputs.
 *
 * Layouts. Images: any with contiguous channels, padding included; output height and width even. Weights: for each
 * of the 16 places the packed weights of a 1 × 1 convolution, without bias. `scratch`: [16][tiles][inChannels] and
 * then [16][tiles][outChannels] floats, for 48 tiles or one row of them, whichever is more, and slack for five more
 * tiles' channels.
 *
 * Bounds. Channels in and out are multiples of 8; of images nothing past the named pixels is touched.
 */
import { atLeast } from "./simd";
import { productTile } from "./tiles";

/** Tiles that go through the products together. */
export const TILES: i32 = 48;

export function winograd(
  x: usize, packed: usize, out: usize, bias: usize, scratch: usize, batch: i32, height: i32,
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
      multiply(scratch + p * inPlace, packed + p * place, products + p * outPlace, tiles, inChannels, outChannels);
    }
    for (let u = 0; u < count; u++) {
      const image = <usize>((unit + u) / rows), row = <usize>((unit + u) % rows);
      const from = products + <usize>(u * columns) * outTile;
      const to = out + image * outImage + 2 * row * outRow;
      transformOutput(from, to, bias, columns, outChannels, outPlace, outPixel, outRow, relu);
    }
  }
}

/**
 * products[tile][out] = Σ x[tile][in] · packed[out / 8][in][8]. Six tiles at a time: where they run out, numbers behind
 * them are multiplied too, and written where the next place's products, or the slack, will be.
 */
function multiply(x: usize, packed: usize, products: usize, tiles: i32, inChannels: i32, outChannels: i32): void {
  const inTile = <usize>inChannels << 2, outTile = <usize>outChannels << 2;
  for (let out: usize = 0; out < outTile; out += 32, packed += (<usize>inChannels + 1) << 5) {
    let from = x, to = products + out;
    for (let tile = 0; tile < tiles; tile += 6, from += 6 * inTile, to += 6 * outTile) {
      productTile(from, inTile, packed + 32, inChannels, to, outTile);
    }
  }
}

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
      v128.store(to, atLeast(upperLeft, least));
      v128.store(to + outPixel, atLeast(upperRight, least));
      v128.store(to + outRow, atLeast(lowerLeft, least));
      v128.store(to + outRow + outPixel, atLeast(lowerRight, least));
    }
  }
}

/**
 * G g Gᵀ of every pair of channels, packed; G's rows are (1, 0, 0), (½, ½, ½), (½, −½, ½), (0, 0, 1). The filter is
 * [3][3][inChannels][outChannels]. `transposed`: of the flipped filter with channels exchanged, for the gradient of
 * the input, which is laid out in `work` ([3][3][outChannels][inChannels] floats) first.
 */
export function winogradFilter(
  filter: usize, packed: usize, work: usize, inChannels: i32, outChannels: i32, transposed: bool,
): void {
  let sums = inChannels, outs = outChannels;
  if (transposed) {
    transposeTaps(filter, work, inChannels, outChannels);
    filter = work;
    sums = outChannels;
    outs = inChannels;
  }
  const tap = <usize>(inChannels * outChannels) << 2;
  const panel = (<usize>sums + 1) << 5, place = <usize>(outs >> 3) * panel;
  const half = f32x4.splat(0.5), zero = f32x4.splat(0);
  for (let out = 0; out < outs; out += 4) {
    let to = packed + <usize>(out >> 3) * panel + (<usize>(out & 7) << 2);
    for (let p: usize = 0; p < 16; p++) v128.store(to + p * place, zero);
    let from = filter + (<usize>out << 2);
    for (let sum = 0; sum < sums; sum++, from += <usize>outs << 2) {
      to += 32;
      for (let row: usize = 0; row < 4; row++) {
        const g0 = filterRow(from, tap, row, half), g1 = filterRow(from + tap, tap, row, half);
        const g2 = filterRow(from + 2 * tap, tap, row, half);
        const line = to + 4 * row * place;
        const outer = f32x4.mul(half, f32x4.add(g0, g2)), inner = f32x4.mul(half, g1);
        v128.store(line, g0);
        v128.store(line + place, f32x4.add(outer, inner));
        v128.store(line + 2 * place, f32x4.sub(outer, inner));
        v128.store(line + 3 * place, g2);
      }
    }
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

/** [3][3][inChannels][outChannels] → [3][3][outChannels][inChannels], taps in reverse order. */
function transposeTaps(filter: usize, to: usize, inChannels: i32, outChannels: i32): void {
  const inRow = <usize>outChannels << 2, outRow = <usize>inChannels << 2;
  const tap = <usize>(inChannels * outChannels) << 2;
  to += 8 * tap;
  for (let t = 0; t < 9; t++, filter += tap, to -= tap) {
    for (let i = 0; i < inChannels; i += 4) {
      for (let o = 0; o < outChannels; o += 4) {
        const from = filter + <usize>i * inRow + (<usize>o << 2);
        const a = v128.load(from), b = v128.load(from + inRow);
        const c = v128.load(from + 2 * inRow), d = v128.load(from + 3 * inRow);
        const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7), cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
        const at = to + <usize>o * outRow + (<usize>i << 2);
        v128.store(at, i64x2.shuffle(ab, cd, 0, 2));
        v128.store(at + outRow, i64x2.shuffle(ab, cd, 1, 3));
        v128.store(at + 2 * outRow, i64x2.shuffle(ab2, cd2, 0, 2));
        v128.store(at + 3 * outRow, i64x2.shuffle(ab2, cd2, 1, 3));
      }
    }
  }
}
