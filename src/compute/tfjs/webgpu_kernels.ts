import * as tf from "@tensorflow/tfjs";
import type { ConvolutionShape } from "../reference/convolution.ts";
import type { Gpu } from "../webgpu/gpu.ts";
import {
  convForward,
  convInputGradient,
  MAX_KERNEL_WIDTH,
  transposeKernel,
} from "../webgpu/kernels/convolution.ts";
import { filterGradient } from "../webgpu/kernels/filter_gradient.ts";
import { maxPoolGradient } from "../webgpu/kernels/pool.ts";
import { sumParts } from "../webgpu/kernels/sums.ts";
import { type Backend, record } from "./webgpu_record.ts";

export interface KernelArguments {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly backend: Backend;
  // deno-lint-ignore no-explicit-any -- each kernel has attributes of its own
  readonly attrs: any;
}

/** A kernel of ours for one of tfjs's, or `null` where it is asked for what ours does not do. */
type OwnKernel = (gpu: Gpu, args: KernelArguments) => tf.TensorInfo | null;

/** By the name that tfjs gives the kernel. */
export const OWN_KERNELS: Readonly<Record<string, OwnKernel>> = {
  Conv2D: conv2D,
  FusedConv2D: fusedConv2D,
  Conv2DBackpropInput: conv2DBackpropInput,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  MaxPoolGrad: maxPoolGrad,
};

function conv2D(gpu: Gpu, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo | null {
  const [x, filter] = [inputs.x!, inputs.filter!];
  const shape = convolution(x.shape, filter.shape, attrs);
  if (!shape) return null;
  const y = output(backend, [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]);
  record(gpu, backend, convForward(shape, { ...gpu.tuning, bias: false, relu: false }), [x, filter, y]);
  return y;
}

/** With a bias for each channel or none, and with ReLU or nothing behind. */
function fusedConv2D(gpu: Gpu, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo | null {
  const [x, filter, bias] = [inputs.x!, inputs.filter!, inputs.bias];
  const { activation = "linear" } = attrs;
  if (inputs.preluActivationWeights || (activation !== "linear" && activation !== "relu")) return null;
  const shape = convolution(x.shape, filter.shape, attrs);
  if (!shape || (bias && tf.util.sizeFromShape(bias.shape) !== shape.outChannels)) return null;
  const y = output(backend, [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]);
  const options = { ...gpu.tuning, bias: bias !== undefined, relu: activation === "relu" };
  record(gpu, backend, convForward(shape, options), [x, filter, ...(bias ? [bias] : []), y]);
  return y;
}

function conv2DBackpropInput(gpu: Gpu, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo | null {
  const [dy, filter] = [inputs.dy!, inputs.filter!];
  const shape = convolution(attrs.inputShape, filter.shape, attrs);
  if (!shape) return null;
  const transposed = output(backend, filter.shape);
  const dx = output(backend, attrs.inputShape);
  record(gpu, backend, transposeKernel(shape), [filter, transposed]);
  record(gpu, backend, convInputGradient(shape, { ...gpu.tuning, mask: false }), [dy, transposed, dx]);
  backend.disposeData(transposed.dataId);
  return dx;
}

function conv2DBackpropFilter(gpu: Gpu, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo | null {
  const [x, dy] = [inputs.x!, inputs.dy!];
  const shape = convolution(x.shape, attrs.filterShape, attrs);
  if (!shape) return null;
  const { kernel, parts } = filterGradient(shape, gpu.tuning);
  const length = tf.util.sizeFromShape(attrs.filterShape);
  const partial = output(backend, [parts, length]);
  const dw = output(backend, attrs.filterShape);
  record(gpu, backend, kernel, [x, dy, partial]);
  record(gpu, backend, sumParts(parts, length), [partial, dw]);
  backend.disposeData(partial.dataId);
  return dw;
}

/** Only windows that cover the image without rest: others would leave pixels of a used buffer unwritten. */
function maxPoolGrad(gpu: Gpu, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo | null {
  const [dy, input] = [inputs.dy!, inputs.input!];
  const images = input.shape as [number, number, number, number];
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computePool2DInfo(images, filterSize, strides, 1, pad, dimRoundingMode);
  const size = info.filterHeight;
  const square = [info.filterWidth, info.strideHeight, info.strideWidth].every((length) => length === size);
  const covers = size * info.outHeight === info.inHeight && size * info.outWidth === info.inWidth;
  if (!square || !covers) return null;
  const dx = output(backend, images);
  record(gpu, backend, maxPoolGradient(images, size, { mask: false }), [input, dy, dx]);
  return dx;
}

/** `null` for what our kernels do not do: dilation, channels first, kernels wider than 7. */
// deno-lint-ignore no-explicit-any -- tfjs's attributes
function convolution(image: number[], filter: number[], attrs: any): ConvolutionShape | null {
  const { strides, pad, dataFormat, dilations = 1, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    image as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const plain = dataFormat === "NHWC" && info.dilationHeight === 1 && info.dilationWidth === 1;
  if (!plain || info.filterWidth > MAX_KERNEL_WIDTH) return null;
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

function output(backend: Backend, shape: number[]): tf.TensorInfo {
  return backend.makeTensorInfo(shape, "float32");
}
