/**
 * ReLU, forward and backward, sums and scaling. Images have contiguous channels; strides are in bytes, and a stride of 0
 * repeats: the gradient of a global average pool is one pixel seen everywhere.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { accumulate, atLeast, read, write } from "./simd";

/** out = max(x, 0), NaN kept. */
export function relu(
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
): void {
  const zero = f32x4.splat(0);
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let from = x + <usize> item * xImage + <usize> row * xRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, from += xPixel, to += outPixel) {
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          v128.store(to + (<usize> c << 2), atLeast(v128.load(from + (<usize> c << 2)), zero));
        }
        for (; c < channels; c++) {
          store<f32>(to + (<usize> c << 2), max<f32>(load<f32>(from + (<usize> c << 2)), 0));
        }
      }
    }
  }
}

/**
 * dx (0 for none) = dy, and with `relu` 0 where y is not above 0. `sums` (0 for none) += dx per channel. Without `relu`,
 * y is not read: a plain copy to another layout, or sums alone.
 */
export function activationGradient(
  y: usize,
  dy: usize,
  dx: usize,
  sums: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  yPixel: usize,
  yRow: usize,
  yImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
  relu: bool,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const ys = y + <usize> item * yImage + <usize> row * yRow;
      const dys = dy + <usize> item * dyImage + <usize> row * dyRow;
      const dxs = dx + <usize> item * dxImage + <usize> row * dxRow;
      if (!dx) {
        for (let c = 0; c < channels; c += 4) {
          const at = <usize> c << 2, lanes = channels - c;
          if (lanes < 4) sumRow(false, dys + at, sums + at, width, lanes, dyPixel);
          else sumRow(true, dys + at, sums + at, width, 4, dyPixel);
        }
        continue;
      }
      for (let c = 0; c < channels; c += 4) {
        const at = <usize> c << 2, lanes = channels - c, total = sums ? sums + at : 0;
        if (lanes < 4) {
          activationRow(
            false,
            ys + at,
            dys + at,
            dxs + at,
            total,
            width,
            lanes,
            yPixel,
            dyPixel,
            dxPixel,
            relu,
          );
        } else {
          activationRow(
            true,
            ys + at,
            dys + at,
            dxs + at,
            total,
            width,
            4,
            yPixel,
            dyPixel,
            dxPixel,
            relu,
          );
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sumRow(whole: bool, dy: usize, total: usize, width: i32, lanes: i32, dyPixel: usize): void {
  let sum = f32x4.splat(0);
  for (let column = 0; column < width; column++, dy += dyPixel) sum = f32x4.add(sum, read(whole, dy, lanes));
  accumulate(whole, total, sum, lanes);
}

// @ts-ignore: decorator
@inline
function activationRow(
  whole: bool,
  y: usize,
  dy: usize,
  dx: usize,
  total: usize,
  width: i32,
  lanes: i32,
  yPixel: usize,
  dyPixel: usize,
  dxPixel: usize,
  relu: bool,
): void {
  let sum = f32x4.splat(0);
  const zero = f32x4.splat(0);
  for (let column = 0; column < width; column++) {
    let gradient = read(whole, dy, lanes);
    if (relu) gradient = v128.and(gradient, f32x4.gt(read(whole, y, lanes), zero));
    write(whole, dx, gradient, lanes);
    sum = f32x4.add(sum, gradient);
    y += yPixel;
    dy += dyPixel;
    dx += dxPixel;
  }
  if (total) accumulate(whole, total, sum, lanes);
}

/** out = a + b, and with `relu` max(a + b, 0), NaN kept. */
export function addImages(
  a: usize,
  b: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  aPixel: usize,
  aRow: usize,
  aImage: usize,
  bPixel: usize,
  bRow: usize,
  bImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
  relu: bool,
): void {
  const least = f32x4.splat(relu ? 0 : -Infinity);
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      let left = a + <usize> item * aImage + <usize> row * aRow;
      let right = b + <usize> item * bImage + <usize> row * bRow;
      let to = out + <usize> item * outImage + <usize> row * outRow;
      for (let column = 0; column < width; column++, left += aPixel, right += bPixel, to += outPixel) {
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          const at = <usize> c << 2;
          const sum = f32x4.add(v128.load(left + at), v128.load(right + at));
          v128.store(to + at, atLeast(sum, least));
        }
        for (; c < channels; c++) {
          const at = <usize> c << 2;
          const sum = load<f32>(left + at) + load<f32>(right + at);
          store<f32>(to + at, max<f32>(sum, relu ? 0 : -Infinity));
        }
      }
    }
  }
}

/** out[i] = x[i] · factor, `count` floats. */
export function scale(x: usize, out: usize, count: i32, factor: f32): void {
  for (let i = 0; i < count; i++) store<f32>(out + (<usize> i << 2), load<f32>(x + (<usize> i << 2)) * factor);
}
