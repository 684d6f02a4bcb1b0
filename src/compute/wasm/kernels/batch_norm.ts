/**
 * Batch normalisation over the pixels of each channel, with an optional ReLU behind it. Sums
 * are float32 along a row of an image and float64 over rows. Images have contiguous channels; strides in bytes.
 *
 * Bounds. Channels are taken four at a time and the rest lane by lane: nothing past the named pixels is touched.
 */
import { addSums, atLeast, madd, read, write } from "./simd";

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
