/**
 * Nearest-neighbour upsampling by a whole factor, and its gradient. Images have contiguous channels; strides are in bytes.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { read, write } from "./simd";

/** Each pixel of x ([batch, height, width, channels]) becomes `size` × `size` of out. */
export function upsample(
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
    for (let row = 0; row < height * size; row++) {
      let from = x + <usize> item * xImage + <usize> (row / size) * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel) {
        for (let copy = 0; copy < size; copy++, to += outPixel) {
          let c = 0;
          for (; c + 4 <= channels; c += 4) {
            v128.store(to + (<usize> c << 2), v128.load(from + (<usize> c << 2)));
          }
          for (; c < channels; c++) store<f32>(to + (<usize> c << 2), load<f32>(from + (<usize> c << 2)));
        }
      }
    }
  }
}

/** dx ([batch, height, width, channels]) = the sum of dy over each square, row by row. */
export function upsampleGradient(
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = dy + <usize> item * dyImage + <usize> (row * size) * dyRow;
      let to = dx + <usize> item * dxImage + <usize> row * dxRow;
      for (let column = 0; column < width; column++, from += <usize> size * dyPixel, to += dxPixel) {
        let c = 0;
        for (; c + 4 <= channels; c += 4) sumSquare(true, from, to, c, 4, size, dyPixel, dyRow);
        if (c < channels) sumSquare(false, from, to, c, channels - c, size, dyPixel, dyRow);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sumSquare(
  whole: bool,
  from: usize,
  to: usize,
  channel: i32,
  lanes: i32,
  size: i32,
  pixel: usize,
  row: usize,
): void {
  const at = <usize> channel << 2;
  let sum = f32x4.splat(0);
  for (let y = 0; y < size; y++) {
    let place = from + at + <usize> y * row;
    for (let x = 0; x < size; x++, place += pixel) sum = f32x4.add(sum, read(whole, place, lanes));
  }
  write(whole, to + at, sum, lanes);
}
