/**
 * Registers the lab's kernels on TensorFlow.js's wasm backend, on its own memory, so that any `tf.LayersModel` of
 * common layers trains there. A case that a kernel does not take (dilation, overlapping windows of a pool) goes to
 * tfjs's own kernel; where tfjs has none (the gradient of a convolution's filter) it is refused by name.
 */
import * as tf from "@tensorflow/tfjs-core";
import { convolve, inputGradient, kernelGradient } from "./convolution.ts";
import { type Geometry, gradientMargins, inputMargins } from "./geometry.ts";
import { type Margins, type Plane, planeAt, planeBytes, strides } from "./plane.ts";
import { registerDepthwiseGradients } from "./register_depthwise.ts";
import { TfjsMemory } from "./tfjs_memory.ts";

const BACKEND = "wasm";
/** A kernel of our own: the gradient of `Relu` in one pass. */
const RELU_GRADIENT = "LabReluGrad";

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: ConvolutionAttributes["pad"];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** What tfjs hands to a kernel. */
interface KernelArguments<Attributes> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Attributes;
}

type Shape4 = [number, number, number, number];

/**
 * Replaces or adds the kernels, once; `tf.setBackend("wasm")` comes before.
 *
 * @throws {TypeError} where the wasm backend is not the current one, or not that of tfjs 4.22.0.
 */
export function registerWasmKernels(): void {
  if (tf.getBackend() !== BACKEND) {
    throw new TypeError(`Set the wasm backend first: the current one is ${tf.getBackend()}`);
  }
  if (tf.getKernel(RELU_GRADIENT, BACKEND)) return;
  const memory = new TfjsMemory(tf.backend());
  replace("Conv2D", (args: KernelArguments<ConvolutionAttributes>) => convolution(memory, args));
  replace(
    "Conv2DBackpropFilter",
    (args: KernelArguments<ConvolutionAttributes>) => filterGradient(memory, args),
  );
  replace(
    "Conv2DBackpropInput",
    (args: KernelArguments<ConvolutionAttributes>) => backpropInput(memory, args),
  );
  replace("MaxPool", (args: KernelArguments<PoolAttributes>) => maxPool(memory, args));
  replace("MaxPoolGrad", (args: KernelArguments<PoolAttributes>) => maxPoolGradient(memory, args));
  replace("Identity", ({ inputs }: KernelArguments<unknown>) => memory.share(inputs.x!));
  replace(RELU_GRADIENT, ({ inputs }: KernelArguments<unknown>) => reluGradient(memory, inputs));
  registerDepthwiseGradients(memory);
  replaceReluGradient();
}

/** Registers `kernel`; where it answers `null`, what was registered before answers. */
function replace<Attributes>(
  name: string,
  kernel: (args: KernelArguments<Attributes>) => tf.TensorInfo | null,
): void {
  const before = tf.getKernel(name, BACKEND);
  if (before) tf.unregisterKernel(name, BACKEND);
  tf.registerKernel({
    ...before,
    kernelName: name,
    backendName: BACKEND,
    kernelFunc: (args) => {
      const answer = kernel(args as unknown as KernelArguments<Attributes>);
      if (answer) return answer;
      if (before) return before.kernelFunc(args);
      throw new TypeError(
        `${name} on the wasm backend takes data in NHWC, not dilated; got ${JSON.stringify(args.attrs)}`,
      );
    },
  });
}

/** `null` where the kernels do not take the convolution. */
function geometryOf(input: Shape4, filter: Shape4, attrs: ConvolutionAttributes): Geometry | null {
  const { pad, dilations = 1, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    input,
    filter,
    attrs.strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const dilated = info.dilationHeight !== 1 || info.dilationWidth !== 1;
  if (attrs.dataFormat === "NCHW" || dilated) return null;
  // The margins of the gradients have room for padding up to the kernel.
  if (info.padInfo.top >= info.filterHeight || info.padInfo.left >= info.filterWidth) return null;
  return {
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    before: [info.padInfo.top, info.padInfo.left],
    inChannels: info.inChannels,
    outChannels: info.outChannels,
  };
}

const inputShape = ({ input, inChannels }: Geometry) => [...input, inChannels] as const;
const outputShape = ({ output, outChannels }: Geometry) => [...output, outChannels] as const;

/** Lends `use` the images of a tensor inside margins: where it lies if the margins are empty, else a copy. */
function withMargins<T>(
  memory: TfjsMemory,
  tensor: tf.TensorInfo,
  shape: readonly [number, number, number],
  margins: Margins,
  use: (plane: Plane) => T,
  step: readonly [number, number] = [1, 1],
): T {
  const dense = planeAt(memory.at(tensor), shape);
  if (margins.rows === shape[0] && margins.columns === shape[1] && step[0] * step[1] === 1) return use(dense);
  const batch = tensor.shape[0]!;
  const bytes = planeBytes(batch, shape, margins);
  return memory.borrow([bytes], (at) => {
    const plane = planeAt(at!, shape, margins, step);
    memory.kernels.zero(at!, bytes);
    memory.kernels.copyImage(dense.at, plane.at, batch, ...shape, ...strides(dense), ...strides(plane));
    return use(plane);
  });
}

function convolution(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<ConvolutionAttributes>,
): tf.TensorInfo | null {
  const { x, filter } = inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
  const geometry = geometryOf(x.shape as Shape4, filter.shape as Shape4, attrs);
  if (!geometry) return null;
  const batch = x.shape[0]!;
  const result = memory.output([batch, ...outputShape(geometry)]);
  const output = planeAt(memory.at(result), outputShape(geometry));
  const places = { kernel: memory.at(filter), bias: 0, relu: false };
  memory.borrowScratch(
    geometry,
    (scratch) =>
      withMargins(
        memory,
        x,
        inputShape(geometry),
        inputMargins(geometry),
        (input) => convolve(memory.kernels, geometry, { input, output }, places, scratch, batch),
      ),
  );
  return result;
}

function filterGradient(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<ConvolutionAttributes>,
): tf.TensorInfo | null {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { filterShape } = attrs as ConvolutionAttributes & { filterShape: Shape4 };
  const geometry = geometryOf(x.shape as Shape4, filterShape, attrs);
  if (!geometry) return null;
  const batch = x.shape[0]!;
  const result = memory.output(filterShape);
  const [height, width, channels] = outputShape(geometry);
  // The kernel may read 28 bytes past channels that are no multiple of 8: a copy with a row more has them.
  const rows = channels % 8 === 0 ? height : height + 1;
  const margins = { top: 0, left: 0, rows, columns: width };
  memory.borrowScratch(
    geometry,
    (scratch) =>
      withMargins(
        memory,
        x,
        inputShape(geometry),
        inputMargins(geometry),
        (input) =>
          withMargins(memory, dy, [height, width, channels], margins, (outGradient) =>
            kernelGradient(
              memory.kernels,
              geometry,
              { input, outGradient },
              memory.at(result),
              scratch,
              batch,
            )),
      ),
  );
  return result;
}

function backpropInput(
  memory: TfjsMemory,
  { inputs, attrs }: KernelArguments<ConvolutionAttributes>,
): tf.TensorInfo | null {
  const { dy, filter } = inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
  const shape = (attrs as ConvolutionAttributes & { inputShape: Shape4 }).inputShape;
  const geometry = geometryOf(shape, filter.shape as Shape4, attrs);
  if (!geometry) return null;
  const result = memory.output(shape);
  const inGradient = planeAt(memory.at(result), inputShape(geometry));
  const { kernels } = memory;
  const kernel = memory.at(filter);
  memory.borrowScratch(
    geometry,
    (scratch) =>
      withMargins(
        memory,
        dy,
        outputShape(geometry),
        gradientMargins(geometry),
        (outGradient) =>
          inputGradient(kernels, geometry, { outGradient, inGradient }, kernel, scratch, shape[0]),
        geometry.stride,
      ),
  );
  return result;
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

function maxPool(
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
function maxPoolGradient(
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

function reluGradient(memory: TfjsMemory, inputs: Readonly<Record<string, tf.TensorInfo>>): tf.TensorInfo {
  const { dy, x } = inputs as { dy: tf.TensorInfo; x: tf.TensorInfo };
  const result = memory.output(x.shape);
  // To this kernel the tensor is a list: one image of one pixel.
  const shape = [1, 1, tf.util.sizeFromShape(x.shape)] as const;
  const planes = [x, dy, result].map((tensor) => planeAt(memory.at(tensor), shape));
  const places = planes.map(({ at }) => at);
  memory.kernels.activationGradient(...places, 0, 1, ...shape, ...planes.flatMap(strides), 1);
  return result;
}

/** Gradients belong to all backends: the others keep the one they had. */
function replaceReluGradient(): void {
  const before = tf.getGradient("Relu");
  if (!before) return;
  tf.unregisterGradient("Relu");
  tf.registerGradient({
    ...before,
    gradFunc: (dy, saved, attrs) => {
      if (tf.getBackend() !== BACKEND) return before.gradFunc(dy, saved, attrs);
      const inputs = { dy: dy as tf.Tensor, x: saved[0]! };
      return { x: () => tf.engine().runKernel(RELU_GRADIENT, inputs) as tf.Tensor };
    },
  });
}
