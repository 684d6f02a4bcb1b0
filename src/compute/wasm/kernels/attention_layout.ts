/**
 * Layouts of attention: the channels of a head as rows, as panels and as panels of their transpose, and back; attention.ts
 * says what each is.
 */
import { read, write } from "./simd";

// @ts-ignore: decorator
@inline
export function placeOf(base: usize, token: i32, width: i32, pixel: usize, row: usize): usize {
  return base + <usize> (token / width) * row + <usize> (token % width) * pixel;
}

// @ts-ignore: decorator
@inline
export function copyScaled(from: usize, to: usize, count: i32, factor: f32): void {
  const s = f32x4.splat(factor);
  let c = 0;
  for (; c + 4 <= count; c += 4, from += 16, to += 16) v128.store(to, f32x4.mul(v128.load(from), s));
  if (c < count) write(false, to, f32x4.mul(read(false, from, count - c), s), count - c);
}

/** The channels of a head, position by position, times `factor`; what is between `size` and the next row is left. */
export function packRows(
  from: usize,
  rows: usize,
  height: i32,
  width: i32,
  size: i32,
  pixel: usize,
  row: usize,
  packed: usize,
  factor: f32,
): void {
  for (let y = 0; y < height; y++, from += row) {
    let at = from;
    for (let x = 0; x < width; x++, at += pixel, rows += packed) copyScaled(at, rows, size, factor);
  }
}

/** rows [tokens][padded] → panels [padded / 8][tokens][8]. */
export function packPanels(rows: usize, panels: usize, tokens: i32, padded: i32): void {
  const packed = <usize> padded << 2;
  for (let channel = 0; channel < padded; channel += 8) {
    let from = rows + (<usize> channel << 2);
    for (let token = 0; token < tokens; token++, from += packed, panels += 32) {
      v128.store(panels, v128.load(from));
      v128.store(panels, v128.load(from, 16), 16);
    }
  }
}

/** panels [size / 8 …][tokens][8] → the channels of a head, position by position. */
export function unpackPanels(panels: usize, to: usize, height: i32, width: i32, size: i32, pixel: usize, row: usize): void {
  const panel = <usize> (height * width) << 5;
  for (let y = 0; y < height; y++, to += row) {
    let at = to;
    for (let x = 0; x < width; x++, at += pixel, panels += 32) {
      for (let c = 0; c < size; c += 4) {
        const from = panels + <usize> (c >> 3) * panel + (<usize> (c & 4) << 2), lanes = size - c;
        if (lanes >= 4) v128.store(at + (<usize> c << 2), v128.load(from));
        else write(false, at + (<usize> c << 2), v128.load(from), lanes);
      }
    }
  }
}

/** rows [columns][padded] → panels [columns / 8][padded][8] of the transpose. */
export function packTransposed(rows: usize, panels: usize, columns: i32, padded: i32): void {
  const packed = <usize> padded << 2;
  for (let token = 0; token < columns; token += 4) {
    const from = rows + <usize> token * packed;
    const to = panels + <usize> (token >> 3) * (packed << 3) + (<usize> (token & 4) << 2);
    for (let channel = 0; channel < padded; channel += 4) {
      const at = from + (<usize> channel << 2), place = to + (<usize> channel << 5);
      const a = v128.load(at), b = v128.load(at + packed);
      const c = v128.load(at + 2 * packed), d = v128.load(at + 3 * packed);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
      const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7), cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
      v128.store(place, i64x2.shuffle(ab, cd, 0, 2));
      v128.store(place, i64x2.shuffle(ab, cd, 1, 3), 32);
      v128.store(place, i64x2.shuffle(ab2, cd2, 0, 2), 64);
      v128.store(place, i64x2.shuffle(ab2, cd2, 1, 3), 96);
    }
  }
}
