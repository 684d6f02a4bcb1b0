/**
 * The gradient of max pooling, that of the ReLU before it included. Images have contiguous channels; strides are in
 * bytes, and a stride of 0 repeats: the gradient of a global average pool is one pixel seen everywhere.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { accumulate, read, write } from "./simd";

/**
 * dx = dy where x is the first of its window to equal the window's largest value y, else 0. With `relu`, x came out
 * of a ReLU and dx is passed to before it: 0 where y is not above 0. `sums` (0 for none) += dx per channel: the
 * gradient of the bias under that ReLU.
 */
export function maxPoolGradient(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  sums: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
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
      const xs = x + <usize> item * xImage + <usize> (row * size) * xRow;
      const ys = y + <usize> item * yImage + <usize> row * yRow;
      const dys = dy + <usize> item * dyImage + <usize> row * dyRow;
      const dxs = dx + <usize> item * dxImage + <usize> (row * size) * dxRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize> c << 2, lanes = channels - c, total = sums ? sums + at : 0;
        if (lanes < 4) {
          poolGradientRow(
            false,
            xs + at,
            ys + at,
            dys + at,
            dxs + at,
            total,
            width,
            lanes,
            size,
            xPixel,
            xRow,
            yPixel,
            dyPixel,
            dxPixel,
            dxRow,
            relu,
          );
        } else if (size == 2) {
          pool2GradientRow(
            xs + at,
            ys + at,
            dys + at,
            dxs + at,
            total,
            width,
            xPixel,
            xRow,
            yPixel,
            dyPixel,
            dxPixel,
            dxRow,
            relu,
          );
        } else {
          poolGradientRow(
            true,
            xs + at,
            ys + at,
            dys + at,
            dxs + at,
            total,
            width,
            4,
            size,
            xPixel,
            xRow,
            yPixel,
            dyPixel,
            dxPixel,
            dxRow,
            relu,
          );
        }
      }
    }
  }
}

/** The gradient that goes to the window's largest value: dy, masked by the ReLU. */
// @ts-ignore: decorator
@inline
function masked(gradient: v128, output: v128, relu: bool): v128 {
  return relu ? v128.and(gradient, f32x4.gt(output, f32x4.splat(0))) : gradient;
}

// @ts-ignore: decorator
@inline
function poolGradientRow(
  whole: bool,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  total: usize,
  width: i32,
  lanes: i32,
  size: i32,
  xPixel: usize,
  xRow: usize,
  yPixel: usize,
  dyPixel: usize,
  dxPixel: usize,
  dxRow: usize,
  relu: bool,
): void {
  let sum = f32x4.splat(0);
  for (let column = 0; column < width; column++) {
    const largest = read(whole, y, lanes);
    const gradient = masked(read(whole, dy, lanes), largest, relu);
    let free = i32x4.splat(-1);
    for (let row = 0; row < size; row++) {
      for (let offset = 0; offset < size; offset++) {
        const value = read(whole, x + <usize> row * xRow + <usize> offset * xPixel, lanes);
        const hit = v128.and(free, f32x4.eq(value, largest));
        const sent = v128.and(hit, gradient);
        write(whole, dx + <usize> row * dxRow + <usize> offset * dxPixel, sent, lanes);
        sum = f32x4.add(sum, sent);
        free = v128.andnot(free, hit);
      }
    }
    x += <usize> size * xPixel;
    dx += <usize> size * dxPixel;
    y += yPixel;
    dy += dyPixel;
  }
  if (total) accumulate(whole, total, sum, lanes);
}

/** `poolGradientRow` for four whole lanes and windows of 2 × 2, unrolled. */
// @ts-ignore: decorator
@inline
function pool2GradientRow(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  total: usize,
  width: i32,
  xPixel: usize,
  xRow: usize,
  yPixel: usize,
  dyPixel: usize,
  dxPixel: usize,
  dxRow: usize,
  relu: bool,
): void {
  let sum = f32x4.splat(0);
  const threshold = relu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  for (let column = 0; column < width; column++) {
    const largest = v128.load(y);
    const h0 = f32x4.eq(v128.load(x), largest);
    const h1 = v128.andnot(f32x4.eq(v128.load(x + xPixel), largest), h0);
    const seen = v128.or(h0, h1);
    const h2 = v128.andnot(f32x4.eq(v128.load(x + xRow), largest), seen);
    const h3 = v128.andnot(f32x4.eq(v128.load(x + xRow + xPixel), largest), v128.or(seen, h2));
    const gradient = v128.and(v128.load(dy), f32x4.gt(largest, threshold));
    v128.store(dx, v128.and(gradient, h0));
    v128.store(dx + dxPixel, v128.and(gradient, h1));
    v128.store(dx + dxRow, v128.and(gradient, h2));
    v128.store(dx + dxRow + dxPixel, v128.and(gradient, h3));
    sum = f32x4.add(sum, gradient);
    x += 2 * xPixel;
    dx += 2 * dxPixel;
    y += yPixel;
    dy += dyPixel;
  }
  if (total) v128.store(total, f32x4.add(v128.load(total), sum));
}

/**
 * dx += dy at the first largest pixel of each window, for windows of any size, stride and padding; `dx` is zeros
 * before. All images dense. Padding never wins; a window without pixels or full of NaN gives nothing.
 */
export function maxPoolWindowsGradient(
  x: usize,
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
  padTop: i32,
  padLeft: i32,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideY - padTop;
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideX - padLeft;
        for (let c = 0; c < channels; c++, dy += 4) {
          let best = -1, largest: f32 = -Infinity;
          for (let y = max(top, 0); y < min(top + windowHeight, height); y++) {
            for (let at = max(left, 0); at < min(left + windowWidth, width); at++) {
              const index = ((item * height + y) * width + at) * channels + c;
              const value = load<f32>(x + (<usize> index << 2));
              if (value > largest || (best < 0 && value == largest)) {
                largest = value;
                best = index;
              }
            }
          }
          if (best < 0) continue;
          const to = dx + (<usize> best << 2);
          store<f32>(to, load<f32>(to) + load<f32>(dy));
        }
      }
    }
  }
}
