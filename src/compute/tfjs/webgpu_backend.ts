import * as tf from "@tensorflow/tfjs";
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";
import type { ConvolutionShape } from "../reference/convolution.ts";
import type { Gpu } from "../webgpu/gpu.ts";
import type { Kernel } from "../webgpu/kernel.ts";
import {
  convForward,
  convInputGradient,
  MAX_KERNEL_WIDTH,
  transposeKernel,
} from "../webgpu/kernels/convolution.ts";
import { filterGradient } from "../webgpu/kernels/filter_gradient.ts";
import { maxPoolGradient } from "../webgpu/kernels/pool.ts";
import { sumParts } from "../webgpu/kernels/sums.ts";
import { takeBackend } from "./backend.ts";

/** The parts of tfjs's WebGPU backend that recording a kernel needs; private there, so tfjs is pinned to 4.22.0. */
interface Backend {
  readonly tensorMap: { get(dataId: object): { resource: GPUBuffer } };
  readonly commandQueueOwnedIds: WeakSet<object>;
  commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: "float32"): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

interface KernelArguments {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly backend: Backend;
  // deno-lint-ignore no-explicit-any -- each kernel has attributes of its own
  readonly attrs: any;
}

type KernelFunction = (args: KernelArguments) => tf.TensorInfo;

/** Dispatches that tfjs gathers before it submits them. */
const DISPATCHES_PER_SUBMIT = 15;

/**
 * Registers tfjs's WebGPU backend on a device of our own, whose errors are fatal, and takes it. With `own` kernels the
 * convolutions, their gradients and max-pool's are replaced by ours: those of tfjs loop far enough for old software
 * drivers to end them early, which gives wrong gradients without a word.
 */
export async function takeWebgpuBackend(gpu: Gpu, kernels: "own" | "stock"): Promise<void> {
  restoreKernels();
  tf.removeBackend("webgpu");
  const make = () => new webgpu.WebGPUBackend(gpu.device, gpu.adapterInfo as never);
  tf.registerBackend("webgpu", make, 3);
  await takeBackend("webgpu");
  if ((tf.backend() as unknown as { device: GPUDevice }).device !== gpu.device) {
    throw new Error("TensorFlow.js opened a WebGPU device of its own");
  }
  if (kernels === "own") replaceKernels(gpu);
}

const stock = new Map<string, KernelFunction>();

function replaceKernels(gpu: Gpu): void {
  replace("Conv2D", (args) => {
    const { x, filter } = args.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const shape = convolution(x.shape, filter.shape, args.attrs);
    if (!shape) return null;
    const y = outputs(args.backend, [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]);
    record(gpu, args.backend, convForward(shape, { ...gpu.tuning, bias: false, relu: false }), [
      x,
      filter,
      y,
    ]);
    return y;
  });
  replace("Conv2DBackpropInput", (args) => {
    const { dy, filter } = args.inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
    const shape = convolution(args.attrs.inputShape, filter.shape, args.attrs);
    if (!shape) return null;
    const transposed = outputs(args.backend, filter.shape);
    const dx = outputs(args.backend, args.attrs.inputShape);
    record(gpu, args.backend, transposeKernel(shape), [filter, transposed]);
    const kernel = convInputGradient(shape, { ...gpu.tuning, mask: false });
    record(gpu, args.backend, kernel, [dy, transposed, dx]);
    args.backend.disposeData(transposed.dataId);
    return dx;
  });
  replace("Conv2DBackpropFilter", (args) => {
    const { x, dy } = args.inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const shape = convolution(x.shape, args.attrs.filterShape, args.attrs);
    if (!shape) return null;
    const { kernel, parts } = filterGradient(shape, gpu.tuning);
    const length = tf.util.sizeFromShape(args.attrs.filterShape);
    const partial = outputs(args.backend, [parts, length]);
    const dw = outputs(args.backend, args.attrs.filterShape);
    record(gpu, args.backend, kernel, [x, dy, partial]);
    record(gpu, args.backend, sumParts(parts, length), [partial, dw]);
    args.backend.disposeData(partial.dataId);
    return dw;
  });
  replace("MaxPoolGrad", (args) => {
    const { dy, input } = args.inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const info = tf.backend_util.computePool2DInfo(
      input.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const size = info.filterHeight;
    const covers = size === info.filterWidth && size === info.strideHeight && size === info.strideWidth &&
      size * info.outHeight === info.inHeight && size * info.outWidth === info.inWidth;
    if (!covers) return null;
    const dx = outputs(args.backend, input.shape);
    const images = input.shape as [number, number, number, number];
    record(gpu, args.backend, maxPoolGradient(images, size, { mask: false }), [input, dy, dx]);
    return dx;
  });
}

/** Ours where it answers, else the one of tfjs. */
function replace(name: string, own: (args: KernelArguments) => tf.TensorInfo | null): void {
  const original = tf.getKernel(name, "webgpu").kernelFunc as unknown as KernelFunction;
  stock.set(name, original);
  register(name, (args) => own(args) ?? original(args));
}

function restoreKernels(): void {
  for (const [name, original] of stock) register(name, original);
  stock.clear();
}

function register(name: string, kernel: KernelFunction): void {
  tf.unregisterKernel(name, "webgpu");
  tf.registerKernel({ kernelName: name, backendName: "webgpu", kernelFunc: kernel as never });
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

function outputs(backend: Backend, shape: number[]): tf.TensorInfo {
  return backend.makeTensorInfo(shape, "float32");
}

/** Puts a kernel into the pass that tfjs is recording. */
function record(gpu: Gpu, backend: Backend, kernel: Kernel, tensors: readonly tf.TensorInfo[]): void {
  // Uploading may end the pass, so it comes first.
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const dispatch = gpu.prepare(
    kernel,
    tensors.map(({ dataId }) => backend.tensorMap.get(dataId).resource),
  );
  backend.ensureCommandEncoderReady();
  backend.computePassEncoder ??= backend.commandEncoder.beginComputePass();
  backend.computePassEncoder.setPipeline(dispatch.pipeline);
  backend.computePassEncoder.setBindGroup(0, dispatch.bindGroup);
  backend.computePassEncoder.dispatchWorkgroups(dispatch.groups[0], dispatch.groups[1]);
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  if (++backend.dispatchCountInPass < DISPATCHES_PER_SUBMIT) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}
