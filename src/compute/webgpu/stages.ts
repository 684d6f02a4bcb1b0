import { dropoutsOf } from "../dropout_layers.ts";
import type { ConvLayer, Layer } from "../model.ts";
import { outputShape } from "../parameters.ts";
import { type ConvolutionShape, convolutionShape, denseShape } from "../reference/convolution.ts";
import { MAX_TRIPS } from "./kernel.ts";
import type { LinearShape } from "./kernels/linear.ts";
import type { Images } from "./kernels/pool.ts";

/** A layer at a batch size, with the ReLU that follows it where its kernel takes that in. */
export interface Stage {
  readonly layer: Layer;
  readonly relu: boolean;
  /** `[batch, height, width, channels]`, or `[batch, features]`. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** Layers that drop something before this one. */
  readonly dropouts: number;
}

/** A stage that was recorded forward. */
export interface Recorded extends Stage {
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
  /** Batch norm's `[2, channels]` mean and 1 / deviation of this batch, or another norm's `[rows, 2]`. */
  readonly statistics?: GPUBuffer;
  /** Attention's, `[batch, heads, tokens, tokens]`, and the same behind dropout: itself where nothing was dropped. */
  readonly weights?: { readonly all: GPUBuffer; readonly kept: GPUBuffer };
  /** Input of the dropout masks; absent where nothing was dropped. */
  readonly dropoutMask?: GPUBuffer;
  /** The main branch and the shortcut of a layer of two branches, as recorded. */
  readonly branches?: readonly (readonly Recorded[])[];
}

/**
 * The layers, each convolution, dense layer, batch norm or residual layer joined with the ReLU behind it; the shape of
 * the input includes the batch, and `dropouts` layers that drop something come before.
 */
export function stagesOf(
  layers: readonly Layer[],
  [batch, ...image]: readonly number[],
  dropouts: number,
): Stage[] {
  const stages: Stage[] = [];
  let shape: readonly number[] = image;
  let before = dropouts;
  layers.forEach((layer, index) => {
    const last = layers[index - 1];
    if (layer.kind === "relu" && last && takesRelu(last)) return;
    const next = outputShape(layer, shape);
    const relu = takesRelu(layer) && layers[index + 1]?.kind === "relu";
    stages.push({ layer, relu, input: [batch!, ...shape], output: [batch!, ...next], dropouts: before });
    before += dropoutsOf([layer]).length;
    shape = next;
  });
  return stages;
}

/** Rows of images that are so narrow are joined where that changes nothing: the tile of an invocation is so wide. */
const NARROW = 16;

/** A dense layer is a 1×1 convolution of one pixel an image. */
export function linearShape({ layer, input }: Stage): ConvolutionShape {
  if (layer.kind === "dense") return denseShape(input[0]!, input[1]!, layer.units);
  if (layer.kind !== "conv") throw new TypeError(`Layer ${layer.kind} is not linear`);
  const [batch, height, width, channels] = input as Images;
  const joined = isPointwise(layer) && width < NARROW && height * width <= MAX_TRIPS;
  return convolutionShape(
    joined ? [batch, 1, height * width, channels] : [batch, height, width, channels],
    layer,
  );
}

/** A layer as a product of matrices; `null` where it is none. */
export function productShape({ layer, input, output }: Stage): LinearShape | null {
  if (layer.kind !== "dense" && !(layer.kind === "conv" && isPointwise(layer))) return null;
  const { rows, channels } = rowsOf(input);
  return { rows, inputs: channels, outputs: output.at(-1)! };
}

function isPointwise({ kernel, stride }: ConvLayer): boolean {
  return kernel === 1 && stride === 1;
}

/** A tensor as rows of channels. */
export function rowsOf(shape: readonly number[]): { rows: number; channels: number } {
  const channels = shape.at(-1)!;
  return { rows: size(shape) / channels, channels };
}

/** A tensor as images of units. */
export function unitsOf(shape: readonly number[]): [batch: number, units: number] {
  return [shape[0]!, size(shape.slice(1))];
}

/** Values in a tensor. */
export function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Layers whose kernels take in the ReLU behind them. */
const TAKE_RELU: readonly string[] = ["conv", "dense", "batch_norm", "residual"];

function takesRelu({ kind }: Layer): boolean {
  return TAKE_RELU.includes(kind);
}
