/**
 * The gradient of a training batch norm, that of the ReLU behind it included. Sums are float32 along a row of an image
 * and float64 over rows. Images have contiguous channels; strides in bytes.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { addSums, madd, read, write } from "./simd";

/**
 * Sums for the gradient of a training batch norm: sums[c] = Σ dy and sums[channels + c] = Σ dy · (x − mean), in
 * float64; dbeta = Σ dy; dgamma = Σ dy · (x − mean) · inverse. With `relu`, dy counts only where the ReLU behind let
 * something through, which is computed again from x. `terms`: 12 · channels bytes of scratch, kept for
 * `batchNormGradient`.
 */
export function batchNormGradientSums(
  x: usize,
  dy: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  mean: usize,
  inverse: usize,
  gamma: usize,
  beta: usize,
  relu: bool,
  gammaGradient: usize,
  betaGradient: usize,
  sums: usize,
  terms: usize,
): void {
  const products = sums + (<usize> channels << 3);
  // inverse · gamma is what `applyRow` scaled by; the mask must see the same bits.
  for (let c = 0; c < channels; c++) {
    const at = <usize> c << 2;
    store<f32>(terms + at, load<f32>(inverse + at) * load<f32>(gamma + at));
  }
  gradientSums(x, dy, mean, terms, beta, relu, sums, products, batch, height, width, channels, xPixel, xRow, xImage, dyPixel, dyRow, dyImage);
  for (let c = 0; c < channels; c++) {
    const at = <usize> c << 2, wide = <usize> c << 3;
    store<f32>(betaGradient + at, <f32> load<f64>(sums + wide));
    store<f32>(gammaGradient + at, <f32> (load<f64>(products + wide) * <f64> load<f32>(inverse + at)));
  }
}

/**
 * dx = gamma · inverse · (dy − Σ dy / count − (x − mean) · inverse² · Σ dy (x − mean) / count), by the sums and
 * terms of `batchNormGradientSums`; the sums may be those of more images than these.
 */
export function batchNormGradient(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  dyPixel: usize,
  dyRow: usize,
  dyImage: usize,
  dxPixel: usize,
  dxRow: usize,
  dxImage: usize,
  mean: usize,
  inverse: usize,
  beta: usize,
  relu: bool,
  count: f64,
  sums: usize,
  terms: usize,
): void {
  const products = sums + (<usize> channels << 3);
  const offsets = terms + (<usize> channels << 2), slopes = offsets + (<usize> channels << 2);
  for (let c = 0; c < channels; c++) {
    const at = <usize> c << 2, wide = <usize> c << 3, scale = <f64> load<f32>(inverse + at);
    store<f32>(offsets + at, <f32> (load<f64>(sums + wide) / count));
    store<f32>(slopes + at, <f32> (load<f64>(products + wide) * scale * scale / count));
  }
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const xs = x + <usize> item * xImage + <usize> row * xRow;
      const dys = dy + <usize> item * dyImage + <usize> row * dyRow;
      const dxs = dx + <usize> item * dxImage + <usize> row * dxRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize> c << 2, lanes = channels - c;
        if (lanes < 4) gradientRow(false, xs + at, dys + at, dxs + at, width, lanes, xPixel, dyPixel, dxPixel, mean + at, terms + at, beta + at, offsets + at, slopes + at, relu);
        else gradientRow(true, xs + at, dys + at, dxs + at, width, 4, xPixel, dyPixel, dxPixel, mean + at, terms + at, beta + at, offsets + at, slopes + at, relu);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(
  whole: bool, x: usize, dy: usize, dx: usize, width: i32, lanes: i32, xPixel: usize, dyPixel: usize,
  dxPixel: usize, mean: usize, scale: usize, beta: usize, offset: usize, slope: usize, relu: bool,
): void {
  const centre = read(whole, mean, lanes), factor = read(whole, scale, lanes), shift = read(whole, beta, lanes);
  const constant = read(whole, offset, lanes), rise = read(whole, slope, lanes), zero = f32x4.splat(0);
  for (let column = 0; column < width; column++, x += xPixel, dy += dyPixel, dx += dxPixel) {
    const centred = f32x4.sub(read(whole, x, lanes), centre);
    let gradient = read(whole, dy, lanes);
    if (relu) gradient = v128.and(gradient, f32x4.gt(madd(centred, factor, shift), zero));
    const value = f32x4.sub(f32x4.sub(gradient, constant), f32x4.mul(centred, rise));
    write(whole, dx, f32x4.mul(value, factor), lanes);
  }
}

/**
 * sums[c] = Σ dy and products[c] = Σ dy · (x − mean), float64, where the ReLU behind let something through: `scale` and
 * `beta` say where.
 */
// @ts-ignore: decorator
@inline
function gradientSums(
  x: usize, dy: usize, mean: usize, scale: usize, beta: usize, relu: bool, sums: usize, products: usize, batch: i32,
  height: i32, width: i32, channels: i32, xPixel: usize, xRow: usize, xImage: usize, dyPixel: usize, dyRow: usize,
  dyImage: usize,
): void {
  memory.fill(sums, 0, <usize>channels << 3);
  memory.fill(products, 0, <usize>channels << 3);
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const xs = x + <usize>item * xImage + <usize>row * xRow, dys = dy + <usize>item * dyImage + <usize>row * dyRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize>c << 2, lanes = channels - c, to = <usize>c << 3;
        if (lanes < 4) addRow(false, xs + at, dys + at, mean + at, scale + at, beta + at, relu, sums + to, products + to, width, lanes, xPixel, dyPixel);
        else addRow(true, xs + at, dys + at, mean + at, scale + at, beta + at, relu, sums + to, products + to, width, 4, xPixel, dyPixel);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addRow(
  whole: bool, x: usize, dy: usize, mean: usize, scale: usize, beta: usize, relu: bool, sums: usize, products: usize,
  width: i32, lanes: i32, xPixel: usize, dyPixel: usize,
): void {
  const zero = f32x4.splat(0);
  let sum = zero, product = zero;
  const centre = read(whole, mean, lanes), factor = read(whole, scale, lanes), shift = read(whole, beta, lanes);
  for (let column = 0; column < width; column++, x += xPixel, dy += dyPixel) {
    const centred = f32x4.sub(read(whole, x, lanes), centre);
    let gradient = read(whole, dy, lanes);
    if (relu) gradient = v128.and(gradient, f32x4.gt(madd(centred, factor, shift), zero));
    sum = f32x4.add(sum, gradient);
    product = madd(gradient, centred, product);
  }
  addSums(sums, sum, lanes);
  addSums(products, product, lanes);
}
