import * as tf from "@tensorflow/tfjs-core";
import { type Plane, planeAt, strides } from "./plane.ts";
import type { ConvolutionAttributes } from "./register_convolution.ts";
import type { KernelArguments, Shape4, TfjsMemory } from "./tfjs_memory.ts";

export interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: ConvolutionAttributes["pad"];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function poolOf(input: Shape4, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  return tf.backend_util.computePool2DInfo(input, filterSize, strides, 1, pad, dimRoundingMode);
}

/** The window of a pool that the fast kernels take: square, as far apart as wide, without padding; else `null`. */
function plainWindow(
  { filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: ReturnType<typeof poolOf>,
) {
  const plain = [filterWidth, strideHeight, strideWidth].every((length) => length === filterHeight);
  const { top, bottom, left, right } = padInfo;
  return plain && top + bottom + left + right === 0 ? filterHeight : null;
}

const planeOf = (memory: TfjsMemory, tensor: tf.TensorInfo): Plane =>
  planeAt(memory.at(tensor), tensor.shape.slice(1) as [number, number, number]);

export function maxPool(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<PoolAttributes>,
): tf.TensorInfo | null {
  const x = inputs.x!;
  const info = poolOf(x.shape as Shape4, attrs);
  const window = plainWindow(info);
  if (window === null) return null;
  const result = memory.output(info.outShape);
  const [input, output] = [planeOf(memory, x), planeOf(memory, result)];
  const sizes = [info.batchSize, info.outHeight, info.outWidth, info.outChannels, window];
  memory.kernels.maxPool(input.at, output.at, ...sizes, ...[input, output].flatMap(strides));
  return result;
}

/** Always answers: tfjs's own kernel adds to memory that it has not cleared, and so is wrong. */
export function maxPoolGradient(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<PoolAttributes>,
): tf.TensorInfo {
  const { dy, input, output } = inputs as Record<"dy" | "input" | "output", tf.TensorInfo>;
  const info = poolOf(input.shape as Shape4, attrs);
  const window = plainWindow(info);
  const result = memory.output(input.shape);
  const { kernels } = memory;
  // Pixels that are no window's largest get no gradient.
  kernels.zero(memory.at(result), tf.util.sizeFromShape(input.shape) * 4);
  const planes = [input, output, dy, result].map((tensor) => planeOf(memory, tensor));
  if (window !== null) {
    const sizes = [info.batchSize, info.outHeight, info.outWidth, info.outChannels, window];
    kernels.maxPoolGradient(...planes.map(({ at }) => at), 0, ...sizes, ...planes.flatMap(strides), 0);
  } else {
    const places = [memory.at(input), memory.at(dy), memory.at(result)];
    const sizes = [
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
    ];
    const windows = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth];
    kernels.maxPoolWindowsGradient(...places, ...sizes, ...windows, info.padInfo.top, info.padInfo.left);
  }
  return result;
}

/** Without padding; else `null`, for tfjs's own kernel. */
export function averagePool(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<PoolAttributes>,
): tf.TensorInfo | null {
  const x = inputs.x!;
  const info = poolOf(x.shape as Shape4, attrs);
  if (isPadded(info)) return null;
  const result = memory.output(info.outShape);
  memory.kernels.averagePoolWindows(memory.at(x), memory.at(result), ...windowsOf(info));
  return result;
}

/** The gradient of {@link averagePool}. */
export function averagePoolGradient(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<PoolAttributes>,
): tf.TensorInfo | null {
  const { dy, input } = inputs as Record<"dy" | "input", tf.TensorInfo>;
  const info = poolOf(input.shape as Shape4, attrs);
  if (isPadded(info)) return null;
  const result = memory.output(input.shape);
  memory.kernels.zero(memory.at(result), tf.util.sizeFromShape(input.shape) * 4);
  memory.kernels.averagePoolWindowsGradient(memory.at(dy), memory.at(result), ...windowsOf(info));
  return result;
}

const isPadded = ({ padInfo: { top, bottom, left, right } }: ReturnType<typeof poolOf>) =>
  top + bottom + left + right > 0;

const windowsOf = (info: ReturnType<typeof poolOf>) => [
  info.batchSize,
  info.inHeight,
  info.inWidth,
  info.inChannels,
  info.outHeight,
  info.outWidth,
  info.filterHeight,
  info.filterWidth,
  info.strideHeight,
  info.strideWidth,
];
