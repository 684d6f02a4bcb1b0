/**
 * Convolution and dense layers in float64, as plain loops: the oracle that every device is tested against.
 * Images are `[batch, height, width, channels]`, kernels `[kernelHeight, kernelWidth, inChannels, outChannels]`.
 */

/** One axis of a sliding window. */
export interface Window {
  /** Positions of the window along the axis. */
  readonly count: number;
  /** Pixels of zero padding before the first pixel; the rest of the padding comes after the last one. */
  readonly before: number;
}

/**
 * TensorFlow's rule. "valid": no padding, count = ⌊(size − kernel) / stride⌋ + 1. "same": count = ⌈size / stride⌉
 * and just enough padding for it, the odd pixel at the end.
 */
export function slidingWindow(
  size: number,
  kernel: number,
  stride: number,
  padding: "same" | "valid",
): Window {
  if (padding === "valid") return { count: Math.floor((size - kernel) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  const total = Math.max((count - 1) * stride + kernel - size, 0);
  return { count, before: Math.floor(total / 2) };
}

/** Everything that fixes a convolution's loops; the axes may differ in every number. */
export interface ConvolutionShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** The shape of a square convolution under TensorFlow's padding rule. */
export function convolutionShape(
  input: readonly [batch: number, height: number, width: number, channels: number],
  layer: { filters: number; kernel: number; stride: number; padding: "same" | "valid" },
): ConvolutionShape {
  const [batch, inHeight, inWidth, inChannels] = input;
  const rows = slidingWindow(inHeight, layer.kernel, layer.stride, layer.padding);
  const columns = slidingWindow(inWidth, layer.kernel, layer.stride, layer.padding);
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: rows.count,
    outWidth: columns.count,
    outChannels: layer.filters,
    kernelHeight: layer.kernel,
    kernelWidth: layer.kernel,
    strideY: layer.stride,
    strideX: layer.stride,
    padTop: rows.before,
    padLeft: columns.before,
  };
}

/**
 * Calls `visit(outOffset, inOffset, kernelOffset)` for every pair of an output pixel and an input pixel inside the
 * image that a tap of the kernel connects; the offsets are those of channel 0.
 */
function eachTap(shape: ConvolutionShape, visit: (out: number, input: number, kernel: number) => void): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = shape;
  for (let item = 0; item < batch; item++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const out = ((item * outHeight + y) * outWidth + x) * outChannels;
        for (let ky = 0; ky < shape.kernelHeight; ky++) {
          const row = y * shape.strideY + ky - shape.padTop;
          if (row < 0 || row >= inHeight) continue;
          for (let kx = 0; kx < shape.kernelWidth; kx++) {
            const column = x * shape.strideX + kx - shape.padLeft;
            if (column < 0 || column >= inWidth) continue;
            const input = ((item * inHeight + row) * inWidth + column) * inChannels;
            visit(out, input, (ky * shape.kernelWidth + kx) * inChannels * outChannels);
          }
        }
      }
    }
  }
}

/** out[n, y, x, o] = Σ_{ky, kx, i} in[n, y·stride + ky − pad, x·stride + kx − pad, i] · kernel[ky, kx, i, o] */
export function convolve(input: Float64Array, kernel: Float64Array, shape: ConvolutionShape): Float64Array {
  const { inChannels, outChannels } = shape;
  const output = new Float64Array(shape.batch * shape.outHeight * shape.outWidth * outChannels);
  eachTap(shape, (out, from, tap) => {
    for (let i = 0; i < inChannels; i++) {
      const value = input[from + i]!;
      const weights = tap + i * outChannels;
      for (let o = 0; o < outChannels; o++) output[out + o]! += value * kernel[weights + o]!;
    }
  });
  return output;
}

/** The loss's gradient for the input of {@link convolve}, from its gradient for the output. */
export function convolveInputGradient(
  outGradient: Float64Array,
  kernel: Float64Array,
  shape: ConvolutionShape,
): Float64Array {
  const { inChannels, outChannels } = shape;
  const gradient = new Float64Array(shape.batch * shape.inHeight * shape.inWidth * inChannels);
  eachTap(shape, (out, to, tap) => {
    for (let i = 0; i < inChannels; i++) {
      const weights = tap + i * outChannels;
      let sum = 0;
      for (let o = 0; o < outChannels; o++) sum += outGradient[out + o]! * kernel[weights + o]!;
      gradient[to + i]! += sum;
    }
  });
  return gradient;
}

/** The loss's gradient for the kernel of {@link convolve}. */
export function convolveKernelGradient(
  input: Float64Array,
  outGradient: Float64Array,
  shape: ConvolutionShape,
): Float64Array {
  const { inChannels, outChannels } = shape;
  const gradient = new Float64Array(shape.kernelHeight * shape.kernelWidth * inChannels * outChannels);
  eachTap(shape, (out, from, tap) => {
    for (let i = 0; i < inChannels; i++) {
      const value = input[from + i]!;
      const weights = tap + i * outChannels;
      for (let o = 0; o < outChannels; o++) gradient[weights + o]! += value * outGradient[out + o]!;
    }
  });
  return gradient;
}

/** A dense layer `[batch, inputs] · [inputs, units]` is a convolution of one pixel by a 1×1 kernel. */
export function denseShape(batch: number, inputs: number, units: number): ConvolutionShape {
  return convolutionShape([batch, 1, 1, inputs], { filters: units, kernel: 1, stride: 1, padding: "valid" });
}

/** Adds `bias[c]` to every pixel of channel c, in place. */
export function addBias(values: Float64Array, bias: Float64Array): void {
  for (let index = 0; index < values.length; index++) values[index]! += bias[index % bias.length]!;
}

/** Σ over every pixel, per channel: the gradient of a bias. */
export function channelSums(values: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let index = 0; index < values.length; index++) sums[index % channels]! += values[index]!;
  return sums;
}
