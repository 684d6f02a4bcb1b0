import { assertNever } from "#lib/assert_never.ts";
import type { HostTensor } from "#train/learner.ts";
import type { LossSpec } from "#train/loss.ts";
import { dropoutFactors, type DropoutMask } from "../dropout_mask.ts";
import { BATCH_NORM_DECAY, type Layer, type Model, type ResidualLayer } from "../model.ts";
import { outputShape } from "../parameters.ts";
import {
  batchNormGradient,
  batchNormInference,
  type BatchNormState,
  batchNormTraining,
} from "./batch_norm.ts";
import {
  addBias,
  channelSums,
  type ConvolutionShape,
  convolutionShape,
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
  denseShape,
} from "./convolution.ts";
import {
  globalAveragePool,
  globalAveragePoolGradient,
  type ImageShape,
  maxPool,
  maxPoolGradient,
  relu,
  reluGradient,
} from "./layers.ts";
import { softmaxLoss } from "./loss.ts";

/** Variables by name, in either precision. */
export type ReferenceState = Readonly<
  Record<string, Pick<HostTensor, "shape"> & { data: Float32Array | Float64Array }>
>;

/** What the reference computes for one batch, all in float64. */
export interface ReferenceResult {
  /** Mean over the batch, in nats. */
  readonly loss: number;
  /** Images whose first largest logit is the label. */
  readonly correct: number;
  /** `[batch, classes]` */
  readonly logits: Float64Array;
  /** By trainable variable. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
  /** Moving statistics after the batch, by variable. */
  readonly moving: Readonly<Record<string, Float64Array>>;
}

/** A layer, or several, done: its output, and how a gradient goes back through it. */
interface Step {
  readonly output: Float64Array;
  readonly backward: (outGradient: Float64Array) => Float64Array;
}

/** What a walk over the layers reads and collects. */
interface Tape {
  readonly read: (name: string) => Float64Array;
  readonly gradients: Record<string, Float64Array>;
  readonly moving: Record<string, Float64Array>;
  /** Share of the moving statistics that batch norm keeps. */
  readonly keep: number;
  readonly dropoutMask?: DropoutMask | undefined;
}

/** How a batch is trained with. */
export interface TrainingOptions {
  /** Share of batch norm's moving statistics that stays. */
  readonly keep?: number | undefined;
  /** Absent: plain cross-entropy. */
  readonly loss?: LossSpec | undefined;
  /** Absent: nothing is dropped. */
  readonly dropoutMask?: DropoutMask | undefined;
}

/**
 * Loss, and its gradient for every trainable variable, of one batch in training mode.
 *
 * @param images `[batch, height, width, channels]`, normalised.
 * @param labels `[batch]`, class numbers.
 */
export function referenceGradients(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
  labels: ArrayLike<number>,
  { keep = BATCH_NORM_DECAY, loss: spec, dropoutMask }: TrainingOptions = {},
): ReferenceResult {
  const tape: Tape = { read: reader(state), gradients: {}, moving: {}, keep, dropoutMask };
  const network = walk(
    model.layers,
    Float64Array.from(images),
    [labels.length, ...model.input],
    trainingMode(tape),
  );
  const logits = network.output;
  const { loss, correct, gradient } = softmaxLoss(logits, labels, model.classes, spec);
  network.backward(gradient);
  return { loss, correct, logits, gradients: tape.gradients, moving: tape.moving };
}

/** Cross-entropy, logits and hits of one batch in inference mode: batch norm by its moving statistics. */
export function referenceInference(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
  labels: ArrayLike<number>,
): Pick<ReferenceResult, "loss" | "correct" | "logits"> {
  const tape: Tape = { read: reader(state), gradients: {}, moving: {}, keep: BATCH_NORM_DECAY };
  const { output: logits } = walk(
    model.layers,
    Float64Array.from(images),
    [labels.length, ...model.input],
    inferenceMode(tape),
  );
  const { loss, correct } = softmaxLoss(logits, labels, model.classes);
  return { loss, correct, logits };
}

type Apply = (layer: Layer, input: Float64Array, shape: readonly number[]) => Step;

/** Layers one after the other; `shape` is that of the input, the batch included. */
function walk(
  layers: readonly Layer[],
  input: Float64Array,
  [batch, ...image]: readonly number[],
  apply: Apply,
): Step {
  const steps: Step[] = [];
  let output = input;
  let shape: readonly number[] = image;
  for (const layer of layers) {
    const step = apply(layer, output, [batch!, ...shape]);
    steps.push(step);
    output = step.output;
    shape = outputShape(layer, shape);
  }
  const backward = (gradient: Float64Array) =>
    steps.reduceRight((outGradient, step) => step.backward(outGradient), gradient);
  return { output, backward };
}

function trainingMode(tape: Tape): Apply {
  return function apply(layer, input, shape) {
    const images = shape as ImageShape;
    switch (layer.kind) {
      case "conv":
        return linearStep(layer.name, input, convolutionShape(images, layer), layer.bias, tape);
      case "dense":
        return linearStep(layer.name, input, denseShape(shape[0]!, shape[1]!, layer.units), true, tape);
      case "batch_norm":
        return batchNormStep(layer.name, input, tape);
      case "relu": {
        const output = relu(input);
        return { output, backward: (gradient) => reluGradient(output, gradient) };
      }
      case "dropout": {
        if (!tape.dropoutMask) return { output: input, backward: (gradient) => gradient };
        const factors = dropoutFactors(layer, tape.dropoutMask, shape[0]!, input.length / shape[0]!);
        const apply = (values: Float64Array) => values.map((value, index) => value * factors[index]!);
        return { output: apply(input), backward: apply };
      }
      case "max_pool":
        return {
          output: maxPool(input, images, layer.size),
          backward: (gradient) => maxPoolGradient(input, gradient, images, layer.size),
        };
      case "global_average_pool":
        return {
          output: globalAveragePool(input, images),
          backward: (gradient) => globalAveragePoolGradient(gradient, images),
        };
      case "residual":
        return residualStep(layer, input, shape, apply);
      default:
        return assertNever(layer);
    }
  };
}

/** {@link trainingMode} but for batch norm; nobody asks for gradients. */
function inferenceMode(tape: Tape): Apply {
  const training = trainingMode(tape);
  return function apply(layer, input, shape) {
    if (layer.kind === "residual") return residualStep(layer, input, shape, apply);
    if (layer.kind !== "batch_norm") return training(layer, input, shape);
    const output = batchNormInference(input, batchNormState(layer.name, tape.read));
    return { output, backward: () => new Float64Array() };
  };
}

function residualStep(
  layer: ResidualLayer,
  input: Float64Array,
  shape: readonly number[],
  apply: Apply,
): Step {
  const main = walk(layer.main, input, shape, apply);
  const shortcut = walk(layer.shortcut, input, shape, apply);
  const add = (a: Float64Array, b: Float64Array) => a.map((value, index) => value + b[index]!);
  return {
    output: add(main.output, shortcut.output),
    backward: (gradient) => add(main.backward(gradient), shortcut.backward(gradient)),
  };
}

function linearStep(
  name: string,
  input: Float64Array,
  shape: ConvolutionShape,
  bias: boolean,
  tape: Tape,
): Step {
  const kernel = tape.read(`${name}/kernel`);
  const output = convolve(input, kernel, shape);
  if (bias) addBias(output, tape.read(`${name}/bias`));
  const backward = (gradient: Float64Array) => {
    tape.gradients[`${name}/kernel`] = convolveKernelGradient(input, gradient, shape);
    if (bias) tape.gradients[`${name}/bias`] = channelSums(gradient, shape.outChannels);
    return convolveInputGradient(gradient, kernel, shape);
  };
  return { output, backward };
}

function batchNormStep(name: string, input: Float64Array, tape: Tape): Step {
  const state = batchNormState(name, tape.read);
  const done = batchNormTraining(input, state, tape.keep);
  tape.moving[`${name}/moving_mean`] = done.movingMean;
  tape.moving[`${name}/moving_variance`] = done.movingVariance;
  const backward = (gradient: Float64Array) => {
    const back = batchNormGradient(gradient, done, state.gamma);
    tape.gradients[`${name}/gamma`] = back.gamma;
    tape.gradients[`${name}/beta`] = back.beta;
    return back.input;
  };
  return { output: done.output, backward };
}

function batchNormState(name: string, read: Tape["read"]): BatchNormState {
  return {
    gamma: read(`${name}/gamma`),
    beta: read(`${name}/beta`),
    movingMean: read(`${name}/moving_mean`),
    movingVariance: read(`${name}/moving_variance`),
  };
}

function reader(state: ReferenceState): Tape["read"] {
  return (name) => {
    const tensor = state[name];
    if (!tensor) throw new RangeError(`The state has no ${name}; it has ${Object.keys(state).join(", ")}`);
    return Float64Array.from(tensor.data);
  };
}
