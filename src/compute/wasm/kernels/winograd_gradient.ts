/**
 * The gradient of a 3 × 3 filter by Winograd's F(2 × 2, 3 × 3); layouts and bounds are those of `winograd.ts`.
 */
import { filterGradient } from "./filter_gradient";
import { TILES, transformInput } from "./winograd";

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
