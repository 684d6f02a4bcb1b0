import { assertNever } from "#lib/assert_never.ts";
import type { Layer, Model } from "../model.ts";
import { outputShape } from "../parameters.ts";
import { type ConvolutionShape, convolutionShape, denseShape } from "../reference/convolution.ts";
import {
  inputGradient,
  joinGradients,
  joinMoments,
  movingToStatistics,
  normalise,
  partialGradients,
  partialMoments,
} from "./kernels/batch_norm.ts";
import { convForward, convInputGradient, transposeKernel } from "./kernels/convolution.ts";
import { filterGradient } from "./kernels/filter_gradient.ts";
import {
  globalAveragePool,
  globalAveragePoolGradient,
  type Images,
  maxPool,
  maxPoolGradient,
  relu,
  reluGradient,
} from "./kernels/pool.ts";
import { columnSums, sumParts } from "./kernels/sums.ts";
import type { Recorder } from "./recorder.ts";
import type { Store } from "./store.ts";

export type Mode = "training" | "inference";

/** A layer at a batch size, with the ReLU that follows it where its kernel takes that in. */
export interface Stage {
  readonly layer: Layer;
  readonly relu: boolean;
  /** `[batch, height, width, channels]`, or `[batch, features]`. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** A stage that was recorded forward. */
export interface Recorded extends Stage {
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
  /** Batch norm's `[2, channels]` mean and 1 / deviation of this batch. */
  readonly statistics?: GPUBuffer;
}

/** The layers, each convolution, dense layer or batch norm joined with the ReLU behind it. */
export function stagesOf(model: Model, batch: number): Stage[] {
  const stages: Stage[] = [];
  let shape: readonly number[] = model.input;
  model.layers.forEach((layer, index) => {
    const before = model.layers[index - 1];
    if (layer.kind === "relu" && before && takesRelu(before)) return;
    const next = outputShape(layer, shape);
    const relu = takesRelu(layer) && model.layers[index + 1]?.kind === "relu";
    stages.push({ layer, relu, input: [batch, ...shape], output: [batch, ...next] });
    shape = next;
  });
  return stages;
}

export function forward(recorder: Recorder, stage: Stage, store: Store, x: GPUBuffer, mode: Mode): Recorded {
  const { layer, input, output } = stage;
  const y = recorder.buffer(`output of ${layer.kind}`, size(output));
  const images = input as Images;
  switch (layer.kind) {
    case "conv":
    case "dense": {
      const bias = layer.kind === "dense" || layer.bias;
      const kernel = convForward(linearShape(stage), { ...recorder.gpu.tuning, bias, relu: stage.relu });
      const biases = bias ? [store.variable(`${layer.name}/bias`)] : [];
      recorder.run(kernel, x, store.variable(`${layer.name}/kernel`), ...biases, y);
      break;
    }
    case "batch_norm":
      return { ...stage, x, y, statistics: batchNorm(recorder, stage, layer.name, store, x, y, mode) };
    case "relu":
      recorder.run(relu(size(input)), x, y);
      break;
    case "max_pool":
      recorder.run(maxPool(images, layer.size), x, y);
      break;
    case "global_average_pool":
      recorder.run(globalAveragePool(images), x, y);
      break;
    default:
      assertNever(layer);
  }
  return { ...stage, x, y };
}

/**
 * Records the gradients of a stage's variables and, where it is needed, of its input. `dy` is the gradient for the
 * stage's output before its own ReLU: whoever made it has set it to 0 where the output is 0. `maskInput` asks the same
 * of this stage for the one before.
 */
export function backward(
  recorder: Recorder,
  stage: Recorded,
  store: Store,
  dy: GPUBuffer,
  want: { readonly needsInput: boolean; readonly maskInput: boolean },
): GPUBuffer | null {
  const { layer, input, x } = stage;
  const images = input as Images;
  const mask = want.maskInput;
  if (layer.kind === "conv" || layer.kind === "dense") linearGradients(recorder, stage, store, dy);
  if (layer.kind === "batch_norm") batchNormGradients(recorder, stage, store, dy);
  if (!want.needsInput) return null;
  const dx = recorder.buffer(`gradient for the input of ${layer.kind}`, size(input));
  switch (layer.kind) {
    case "conv":
    case "dense": {
      const shape = linearShape(stage);
      const kernel = store.variable(`${layer.name}/kernel`);
      const transposed = recorder.buffer(`transposed ${layer.name}`, kernel.size / 4);
      recorder.run(transposeKernel(shape), kernel, transposed);
      const gradient = convInputGradient(shape, { ...recorder.gpu.tuning, mask });
      recorder.run(gradient, dy, transposed, ...(mask ? [x] : []), dx);
      break;
    }
    case "batch_norm": {
      const [gamma, dGamma] = [store.variable(`${layer.name}/gamma`), store.gradient(`${layer.name}/gamma`)];
      const dBeta = store.gradient(`${layer.name}/beta`);
      recorder.run(
        inputGradient(rowsOf(input), { mask }),
        x,
        stage.statistics!,
        gamma,
        dGamma,
        dBeta,
        dy,
        dx,
      );
      break;
    }
    case "relu":
      recorder.run(reluGradient(size(input)), x, dy, dx);
      break;
    case "max_pool":
      recorder.run(maxPoolGradient(images, layer.size, { mask }), x, dy, dx);
      break;
    case "global_average_pool":
      recorder.run(globalAveragePoolGradient(images, { mask }), dy, ...(mask ? [x] : []), dx);
      break;
    default:
      assertNever(layer);
  }
  return dx;
}

function linearGradients(recorder: Recorder, stage: Recorded, store: Store, dy: GPUBuffer): void {
  const { layer, output } = stage;
  if (layer.kind !== "conv" && layer.kind !== "dense") return;
  const { tuning } = recorder.gpu;
  const gradient = store.gradient(`${layer.name}/kernel`);
  const { kernel, parts } = filterGradient(linearShape(stage), tuning);
  const partial = recorder.buffer(`parts of ${layer.name}/kernel`, parts * gradient.size / 4);
  recorder.run(kernel, stage.x, dy, partial);
  recorder.run(sumParts(parts, gradient.size / 4), partial, gradient);
  if (layer.kind === "conv" && !layer.bias) return;
  const { rows, channels } = rowsOf(output);
  const sums = columnSums(rows, channels, tuning);
  const biasPartial = recorder.buffer(`parts of ${layer.name}/bias`, sums.parts * channels);
  recorder.run(sums.kernel, dy, biasPartial);
  recorder.run(sumParts(sums.parts, channels), biasPartial, store.gradient(`${layer.name}/bias`));
}

function batchNorm(
  recorder: Recorder,
  stage: Stage,
  name: string,
  store: Store,
  x: GPUBuffer,
  y: GPUBuffer,
  mode: Mode,
): GPUBuffer {
  const sizes = rowsOf(stage.input);
  const { tuning } = recorder.gpu;
  const statistics = recorder.buffer(`statistics of ${name}`, 2 * sizes.channels);
  const moving = [store.variable(`${name}/moving_mean`), store.variable(`${name}/moving_variance`)];
  if (mode === "training") {
    const { kernel, parts } = partialMoments(sizes, tuning);
    const partial = recorder.buffer(`moments of ${name}`, parts * 2 * sizes.channels);
    recorder.run(kernel, x, partial);
    recorder.run(joinMoments(sizes, tuning), partial, statistics, ...moving);
  } else {
    recorder.run(movingToStatistics(sizes.channels), ...moving, statistics);
  }
  const affine = [store.variable(`${name}/gamma`), store.variable(`${name}/beta`)];
  recorder.run(normalise(sizes, { relu: stage.relu }), x, statistics, ...affine, y);
  return statistics;
}

function batchNormGradients(recorder: Recorder, stage: Recorded, store: Store, dy: GPUBuffer): void {
  if (stage.layer.kind !== "batch_norm") return;
  const { name } = stage.layer;
  const sizes = rowsOf(stage.input);
  const { tuning } = recorder.gpu;
  const { kernel, parts } = partialGradients(sizes, tuning);
  const partial = recorder.buffer(`gradient parts of ${name}`, parts * 2 * sizes.channels);
  recorder.run(kernel, stage.x, stage.statistics!, dy, partial);
  const gradients = [store.gradient(`${name}/gamma`), store.gradient(`${name}/beta`)];
  recorder.run(joinGradients(sizes, tuning), partial, ...gradients);
}

/** A dense layer is a 1×1 convolution of one pixel an image. */
function linearShape({ layer, input }: Stage): ConvolutionShape {
  if (layer.kind === "conv") return convolutionShape(input as Images, layer);
  if (layer.kind === "dense") return denseShape(input[0]!, input[1]!, layer.units);
  throw new TypeError(`Layer ${layer.kind} is not linear`);
}

function takesRelu({ kind }: Layer): boolean {
  return kind === "conv" || kind === "dense" || kind === "batch_norm";
}

function rowsOf(shape: readonly number[]): { rows: number; channels: number } {
  const channels = shape.at(-1)!;
  return { rows: size(shape) / channels, channels };
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
