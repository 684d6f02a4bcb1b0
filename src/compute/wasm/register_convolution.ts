import * as tf from "@tensorflow/tfjs-core";
import { convolve, inputGradient, kernelGradient } from "./convolution.ts";
import { type Geometry, gradientMargins, inputMargins } from "./geometry.ts";
import { type Margins, type Plane, planeAt, planeBytes, strides } from "./plane.ts";
import type { KernelArguments, Shape4, TfjsMemory } from "./tfjs_memory.ts";

export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
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

export function convolution(
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

export function filterGradient(
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

export function backpropInput(
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
