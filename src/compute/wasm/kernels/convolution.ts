/**
 * Convolution as register tiles over a padded image, without im2col: for each row of the kernel the floats that one
 * output pixel reads (kernelWidth · inChannels of them) lie side by side.
 *
 * Layouts. Images: any with contiguous channels; strides in bytes. Packed weights: for every 8 output channels, 8
 * biases and then [kernelRows · rowFloats][8], zeros where channels run out. Filter gradient: the same without the
 * biases, written to a work area and unpacked at the end.
 *
 * Bounds. Reads kernelRows rows of rowFloats floats at every output pixel, so the image must carry its padding.
 * Everything else reads and writes only what it names.
 *
 * Speed. See tiles.ts; `deno task bench kernels` measures this machine's.
 */
import { forwardTile } from "./tiles";

/** Tiles of pixels that share one pass over the weights of 8 channels. */
const GROUPS: i32 = 8;
const PIXELS: i32 = 6;

/**
 * out[pixel, o] = bias[o] + Σ x[pixel's window] · w[:, o], with ReLU where `relu` is set.
 *
 * `table`: 384 bytes of scratch. Pixels of the whole batch are taken six at a time, across rows and images; the last
 * tile repeats the last pixel, which writes the same numbers again.
 */
export function convolve(
  x: usize,
  packed: usize,
  out: usize,
  table: usize,
  batch: i32,
  height: i32,
  width: i32,
  kernelRows: i32,
  rowFloats: i32,
  channels: i32,
  xPixel: usize,
  xRow: usize,
  xKernelRow: usize,
  xImage: usize,
  outPixel: usize,
  outRow: usize,
  outImage: usize,
  relu: bool,
): void {
  const panel: usize = (<usize> (kernelRows * rowFloats) + 1) << 5;
  const nextRow: usize = xKernelRow - (<usize> rowFloats << 2);
  let remaining = batch * height * width;
  let row = 0, column = 0;
  let rowIn = x, rowOut = out, imageIn = x, imageOut = out, from = x, to = out;
  while (remaining > 0) {
    // 1. The addresses of the next pixels.
    const groups = min(GROUPS, (remaining + PIXELS - 1) / PIXELS);
    const end = table + <usize> (groups * PIXELS * 8);
    for (let entry = table; entry < end; entry += 8) {
      store<u64>(entry, <u64> from | (<u64> to << 32));
      if (--remaining <= 0) continue;
      from += xPixel;
      to += outPixel;
      if (++column == width) {
        column = 0;
        if (++row == height) {
          row = 0;
          imageIn += xImage;
          imageOut += outImage;
          rowIn = imageIn;
          rowOut = imageOut;
        } else {
          rowIn += xRow;
          rowOut += outRow;
        }
        from = rowIn;
        to = rowOut;
      }
    }
    // 2. Eight channels at a time, so that their weights stay in the first-level cache.
    let weights = packed;
    for (let channel = 0; channel < channels; channel += 8) {
      const offset = <usize> channel << 2;
      for (let group = 0; group < groups; group++) {
        const addresses = table + <usize> (group * PIXELS * 8);
        forwardTile(addresses, weights, kernelRows, rowFloats, nextRow, offset, channels - channel, relu);
      }
      weights += panel;
    }
  }
}

/** [k][channels] and [channels] (0 for no bias) → packed weights. */
export function packFilter(filter: usize, bias: usize, packed: usize, k: i32, channels: i32): void {
  for (let channel = 0; channel < channels; channel += 8) {
    const lanes = min(8, channels - channel);
    for (let lane = 0; lane < 8; lane++, packed += 4) {
      store<f32>(packed, bias && lane < lanes ? load<f32>(bias + (<usize> (channel + lane) << 2)) : 0);
    }
    for (let row = 0; row < k; row++) {
      const from = filter + (<usize> (row * channels + channel) << 2);
      for (let lane = 0; lane < 8; lane++, packed += 4) {
        store<f32>(packed, lane < lanes ? load<f32>(from + (<usize> lane << 2)) : 0);
      }
    }
  }
}

/**
 * [taps][inChannels][outChannels] → the packed weights, without bias, of the convolution that gives the input's
 * gradient: taps in reverse order, channels exchanged.
 */
export function packFilterTransposed(
  filter: usize,
  packed: usize,
  taps: i32,
  inChannels: i32,
  outChannels: i32,
): void {
  for (let channel = 0; channel < inChannels; channel += 8) {
    const lanes = min(8, inChannels - channel);
    memory.fill(packed, 0, 32);
    packed += 32;
    for (let tap = taps - 1; tap >= 0; tap--) {
      const from = filter + (<usize> ((tap * inChannels + channel) * outChannels) << 2);
      for (let out = 0; out < outChannels; out++) {
        for (let lane = 0; lane < 8; lane++, packed += 4) {
          store<f32>(packed, lane < lanes ? load<f32>(from + (<usize> (lane * outChannels + out) << 2)) : 0);
        }
      }
    }
  }
}

/** The work area of `filterGradient` → [k][channels]. */
export function unpackFilterGradient(work: usize, gradient: usize, k: i32, channels: i32): void {
  for (let channel = 0; channel < channels; channel += 8) {
    const lanes = min(8, channels - channel);
    for (let row = 0; row < k; row++, work += 32) {
      memory.copy(gradient + (<usize> (row * channels + channel) << 2), work, <usize> lanes << 2);
    }
  }
}

/** Copies an image row by row to another layout with the same channels; what lies between is left alone. */
export function copyImage(
  from: usize,
  to: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  fromPixel: usize,
  fromRow: usize,
  fromImage: usize,
  toPixel: usize,
  toRow: usize,
  toImage: usize,
): void {
  const pixel = <usize> channels << 2;
  const rowBytes = <usize> width * pixel;
  const dense = fromPixel == pixel && toPixel == pixel;
  for (let item = 0; item < batch; item++, from += fromImage, to += toImage) {
    for (let row = 0; row < height; row++) {
      const source = from + <usize> row * fromRow, target = to + <usize> row * toRow;
      if (dense) {
        memory.copy(target, source, rowBytes);
      } else {
        for (let x = 0; x < width; x++) {
          memory.copy(target + <usize> x * toPixel, source + <usize> x * fromPixel, pixel);
        }
      }
    }
  }
}

export function zero(to: usize, bytes: usize): void {
  memory.fill(to, 0, bytes);
}
