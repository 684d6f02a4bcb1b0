/**
 * Max pooling. Images have contiguous channels; strides are in bytes.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { read, write } from "./simd";

/** out = the largest value of each window, with stride `size` and no padding. NaN wins, as in every other backend. */
export function maxPool(
  x: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const from = x + <usize> item * xImage + <usize> (row * size) * xRow;
      const to = out + <usize> item * outImage + <usize> row * outRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize> c << 2, lanes = channels - c;
        if (lanes < 4) maxPoolRow(false, from + at, to + at, width, lanes, size, xPixel, xRow, outPixel);
        else if (size == 2) maxPool2Row(from + at, to + at, width, xPixel, xRow, outPixel);
        else maxPoolRow(true, from + at, to + at, width, 4, size, xPixel, xRow, outPixel);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function maxPoolRow(
  whole: bool,
  from: usize,
  to: usize,
  width: i32,
  lanes: i32,
  size: i32,
  xPixel: usize,
  xRow: usize,
  outPixel: usize,
): void {
  for (let column = 0; column < width; column++) {
    let largest = read(whole, from, lanes);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        largest = f32x4.max(largest, read(whole, from + <usize> y * xRow + <usize> x * xPixel, lanes));
      }
    }
    write(whole, to, largest, lanes);
    from += <usize> size * xPixel;
    to += outPixel;
  }
}

/** `maxPoolRow` for four whole lanes and windows of 2 × 2, unrolled. */
// @ts-ignore: decorator
@inline
function maxPool2Row(from: usize, to: usize, width: i32, xPixel: usize, xRow: usize, outPixel: usize): void {
  for (let column = 0; column < width; column++) {
    const a = v128.load(from), b = v128.load(from + xPixel);
    const c = v128.load(from + xRow), d = v128.load(from + xRow + xPixel);
    v128.store(to, f32x4.max(f32x4.max(a, b), f32x4.max(c, d)));
    from += 2 * xPixel;
    to += outPixel;
  }
}
