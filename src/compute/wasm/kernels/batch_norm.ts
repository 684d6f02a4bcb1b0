/**
 * Batch normalisation over the pixels of each channel, forward and backward, with an optional ReLU behind it. Sums
 * are float32 along a row of an image and float64 over rows. Images have contiguous channels; strides in bytes.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { atLeast, madd, read, write } from "./simd";

const EPSILON: f64 = 1e-5;

/** sums[c] = Σ x, or with `centre` (0 for none) Σ (x − centre[c])², in float64. */
export function batchNormSums(
  x: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xImage: usize,
  centre: usize,
  sums: usize,
): void {
  if (centre) channelSums(true, x, centre, sums, batch, height, width, channels, xPixel, xRow, xImage);
  else channelSums(false, x, x, sums, batch, height, width, channels, xPixel, xRow, xImage);
}

/** mean[c] = sums[c] / count; moves `moving` there, keeping `decay` of the old. */
export function batchNormMean(sums: usize, channels: i32, count: f64, mean: usize, moving: usize, decay: f64): void {
  for (let c = 0; c < channels; c++) {
    const seen = load<f64>(sums + (<usize> c << 3)) / count, at = <usize> c << 2;
    store<f32>(mean + at, <f32> seen);
    store<f32>(moving + at, <f32> (decay * <f64> load<f32>(moving + at) + (1 - decay) * seen));
  }
}

/**
 * From sums of squares: inverse[c] = 1 / √(biased variance + ε); moves `moving` to the unbiased variance, keeping
 * `decay` of the old. One pixel alone has no unbiased variance, and moves nothing.
 */
export function batchNormVariance(
  sums: usize,
  channels: i32,
  count: f64,
  inverse: usize,
  moving: usize,
  decay: f64,
): void {
  for (let c = 0; c < channels; c++) {
    const squares = load<f64>(sums + (<usize> c << 3)), at = <usize> c << 2;
    store<f32>(inverse + at, <f32> (1 / sqrt<f64>(squares / count + EPSILON)));
    if (count <= 1) continue;
    const old = <f64> load<f32>(moving + at);
    store<f32>(moving + at, <f32> (decay * old + (1 - decay) * squares / (count - 1)));
  }
}

/** inverse[c] = 1 / √(variance[c] + ε): what inference uses in place of a batch's own. */
export function batchNormInverse(variance: usize, inverse: usize, channels: i32): void {
  for (let c = 0; c < channels; c++) {
    const at = <usize>c << 2;
    store<f32>(inverse + at, <f32>(1 / sqrt<f64>(<f64>load<f32>(variance + at) + EPSILON)));
  }
}

/** out = (x − mean) · inverse · gamma + beta, with ReLU where `relu` is set. `out` may be `x`. */
export function batchNormApply(
  x: usize, out: usize, batch: i32, height: i32, width: i32, channels: i32, xPixel: usize, xRow: usize,
  xImage: usize, outPixel: usize, outRow: usize, outImage: usize, mean: usize, inverse: usize, gamma: usize,
  beta: usize, relu: bool,
): void {
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const from = x + <usize>item * xImage + <usize>row * xRow;
      const to = out + <usize>item * outImage + <usize>row * outRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize>c << 2, lanes = channels - c;
        if (lanes < 4) applyRow(false, from + at, to + at, width, lanes, xPixel, outPixel, mean + at, inverse + at, gamma + at, beta + at, relu);
        else applyRow(true, from + at, to + at, width, 4, xPixel, outPixel, mean + at, inverse + at, gamma + at, beta + at, relu);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function applyRow(
  whole: bool, x: usize, out: usize, width: i32, lanes: i32, xPixel: usize, outPixel: usize, mean: usize,
  inverse: usize, gamma: usize, beta: usize, relu: bool,
): void {
  const centre = read(whole, mean, lanes), shift = read(whole, beta, lanes);
  const scale = f32x4.mul(read(whole, inverse, lanes), read(whole, gamma, lanes));
  const least = f32x4.splat(relu ? 0 : -Infinity);
  for (let column = 0; column < width; column++, x += xPixel, out += outPixel) {
    const value = madd(f32x4.sub(read(whole, x, lanes), centre), scale, shift);
    write(whole, out, atLeast(value, least), lanes);
  }
}

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

/** sums[c], float64, of x or, with `squares`, of (x − centre[c])². */
// @ts-ignore: decorator
@inline
function channelSums(
  squares: bool, x: usize, centre: usize, sums: usize, batch: i32, height: i32, width: i32, channels: i32,
  xPixel: usize, xRow: usize, xImage: usize,
): void {
  memory.fill(sums, 0, <usize>channels << 3);
  for (let item = 0; item < batch; item++) {
    for (let row = 0; row < height; row++) {
      const xs = x + <usize>item * xImage + <usize>row * xRow;
      for (let c = 0; c < channels; c += 4) {
        const at = <usize>c << 2, lanes = channels - c, to = sums + (<usize>c << 3);
        if (lanes < 4) addSums(to, rowSum(false, squares, xs + at, centre + at, width, lanes, xPixel), lanes);
        else addSums(to, rowSum(true, squares, xs + at, centre + at, width, 4, xPixel), 4);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function rowSum(
  whole: bool, squares: bool, x: usize, centre: usize, width: i32, lanes: i32, xPixel: usize,
): v128 {
  let sum = f32x4.splat(0);
  const middle = squares ? read(whole, centre, lanes) : sum;
  for (let column = 0; column < width; column++, x += xPixel) {
    const value = read(whole, x, lanes);
    const centred = f32x4.sub(value, middle);
    sum = squares ? madd(centred, centred, sum) : f32x4.add(sum, value);
  }
  return sum;
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

// @ts-ignore: decorator
@inline
function addSums(to: usize, values: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(values)));
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(values, values, 2, 3, 2, 3));
    v128.store(to, f64x2.add(v128.load(to, 16), high), 16);
  } else {
    store<f64>(to, load<f64>(to) + <f64>f32x4.extract_lane(values, 0));
    if (lanes > 1) store<f64>(to, load<f64>(to, 8) + <f64>f32x4.extract_lane(values, 1), 8);
    if (lanes > 2) store<f64>(to, load<f64>(to, 16) + <f64>f32x4.extract_lane(values, 2), 16);
  }
}
