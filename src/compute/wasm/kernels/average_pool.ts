/**
 * Average pooling: over whole images, whose strides are in bytes; and with windows of any size and stride, without
 * padding, forward and backward, on dense images `[batch, height, width, channels]`.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the images is touched.
 */
import { accumulate, read, write } from "./simd";

/** out = mean of each window. */
export function averagePoolWindows(
  x: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
): void {
  const share = f32x4.splat(1 / <f32> (windowHeight * windowWidth));
  const pixel = <usize> channels << 2;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++, out += pixel) {
        const first = x + <usize> ((item * height + row * strideY) * width + column * strideX) * pixel;
        for (let c = 0; c < channels; c += 4) {
          const at = <usize> c << 2, lanes = min(4, channels - c);
          let sum = f32x4.splat(0);
          for (let y = 0; y < windowHeight; y++) {
            const line = first + <usize> (y * width) * pixel + at;
            for (let i = 0; i < windowWidth; i++) {
              sum = f32x4.add(sum, read(lanes == 4, line + <usize> i * pixel, lanes));
            }
          }
          write(lanes == 4, out + at, f32x4.mul(sum, share), lanes);
        }
      }
    }
  }
}

/** dx += dy / pixels of the window, at every pixel of each window; `dx` is zeros before. */
export function averagePoolWindowsGradient(
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideY: i32,
  strideX: i32,
): void {
  const share = f32x4.splat(1 / <f32> (windowHeight * windowWidth));
  const pixel = <usize> channels << 2;
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++, dy += pixel) {
        const first = dx + <usize> ((item * height + row * strideY) * width + column * strideX) * pixel;
        for (let c = 0; c < channels; c += 4) {
          const at = <usize> c << 2, lanes = min(4, channels - c);
          const value = f32x4.mul(read(lanes == 4, dy + at, lanes), share);
          for (let y = 0; y < windowHeight; y++) {
            const line = first + <usize> (y * width) * pixel + at;
            for (let i = 0; i < windowWidth; i++) {
              accumulate(lanes == 4, line + <usize> i * pixel, value, lanes);
            }
          }
        }
      }
    }
  }
}

/** out[n, c] = mean over the pixels of image n. */
export function globalAveragePool(
  x: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
): void {
  const share: f32 = 1 / <f32> (height * width);
  for (let item = 0; item < batch; item++, x += xImage, out += <usize> channels << 2) {
    for (let c = 0; c < channels; c += 4) {
      const at = <usize> c << 2, lanes = channels - c;
      if (lanes < 4) averageChannels(false, x + at, out + at, height, width, lanes, xPixel, xRow, share);
      else averageChannels(true, x + at, out + at, height, width, 4, xPixel, xRow, share);
    }
  }
}

// @ts-ignore: decorator
@inline
function averageChannels(
  whole: bool,
  x: usize,
  out: usize,
  height: i32,
  width: i32,
  lanes: i32,
  xPixel: usize,
  xRow: usize,
  share: f32,
): void {
  let sum = f32x4.splat(0);
  for (let row = 0; row < height; row++) {
    let from = x + <usize> row * xRow, rowSum = f32x4.splat(0);
    for (let column = 0; column < width; column++, from += xPixel) {
      rowSum = f32x4.add(rowSum, read(whole, from, lanes));
    }
    sum = f32x4.add(sum, rowSum);
  }
  write(whole, out, f32x4.mul(sum, f32x4.splat(share)), lanes);
}
