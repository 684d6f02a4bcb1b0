import type { HostTensor } from "#train/learner.ts";
import { labelLoss, type LossSpec } from "#train/loss.ts";
import type { DropoutMask } from "../dropout_mask.ts";
import { BATCH_NORM_DECAY } from "../layers/batch_norm.ts";
import { entryOf } from "../layers/catalog.ts";
import type { ReferencePass, ReferenceStep } from "../layers/entry.ts";
import type { Model } from "../model.ts";
import { outputShape } from "../parameters.ts";
import { softmaxLoss } from "./loss.ts";

/** Variables by name, in either precision. */
export type ReferenceState = Readonly<
  Record<string, Pick<HostTensor, "shape"> & { data: Float32Array | Float64Array }>
>;

/** Results of the reference for one batch, all in float64. */
export interface ReferenceResult {
  /** Mean over all labels of the batch, in nats. */
  readonly loss: number;
  /** Labels that have the first largest logit. */
  readonly correct: number;
  /** `[batch, classes]`, or `[batch, height, width, classes]`. */
  readonly logits: Float64Array;
  /** By trainable variable. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
  /** Moving statistics after the batch, by variable. */
  readonly moving: Readonly<Record<string, Float64Array>>;
}

/** Options of a pass in training mode. */
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
 * @param labels class numbers, `[batch]`, or `[batch, height, width]` for a network with logits of each place.
 */
export function referenceGradients(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
  labels: ArrayLike<number>,
  { keep = BATCH_NORM_DECAY, loss: spec, dropoutMask }: TrainingOptions = {},
): ReferenceResult {
  const { logits, moving, backward } = referenceForward(model, state, images, { keep, dropoutMask });
  const { loss, correct, gradient } = softmaxLoss(logits, labels, model.classes, spec && labelLoss(spec));
  return { loss, correct, logits, gradients: backward(gradient), moving };
}

/** A pass forward in training mode, and how a gradient for the logits becomes those of the trainable variables. */
export function referenceForward(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
  { keep = BATCH_NORM_DECAY, dropoutMask }: Omit<TrainingOptions, "loss"> = {},
): Pick<ReferenceResult, "logits" | "moving"> & {
  readonly backward: (logitsGradient: Float64Array) => ReferenceResult["gradients"];
} {
  const pass = createPass(state, { mode: "training", keep, dropoutMask });
  const network = pass.apply(model.layers, Float64Array.from(images), batchShape(model, images));
  const backward = (gradient: Float64Array) => {
    network.backward(gradient);
    return pass.gradients;
  };
  return { logits: network.output, moving: pass.moving, backward };
}

/** Cross-entropy, logits and hits of one batch in inference mode: batch norm by its moving statistics. */
export function referenceInference(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
  labels: ArrayLike<number>,
): Pick<ReferenceResult, "loss" | "correct" | "logits"> {
  const logits = referenceLogits(model, state, images);
  const { loss, correct } = softmaxLoss(logits, labels, model.classes);
  return { loss, correct, logits };
}

/** The logits of images in inference mode. */
export function referenceLogits(
  model: Model,
  state: ReferenceState,
  images: Float32Array | Float64Array,
): Float64Array {
  const pass = createPass(state, { mode: "inference", keep: BATCH_NORM_DECAY });
  return pass.apply(model.layers, Float64Array.from(images), batchShape(model, images)).output;
}

/** `[batch, height, width, channels]` of images one after the other. */
function batchShape({ input }: Model, { length }: { readonly length: number }): number[] {
  return [length / input.reduce((product, size) => product * size, 1), ...input];
}

/** A pass over a batch; `keep`, `dropoutMask` and `mode` as in {@link ReferencePass}. */
function createPass(
  state: ReferenceState,
  options: Pick<ReferencePass, "mode" | "keep" | "dropoutMask">,
): ReferencePass {
  const pass: ReferencePass = {
    ...options,
    read: reader(state),
    gradients: {},
    moving: {},
    apply(layers, input, [batch, ...image]) {
      const steps: ReferenceStep[] = [];
      let output = input;
      let shape: readonly number[] = image;
      for (const layer of layers) {
        const step = entryOf(layer).apply(layer, output, [batch!, ...shape], pass);
        steps.push(step);
        output = step.output;
        shape = outputShape(layer, shape);
      }
      const backward = (gradient: Float64Array) =>
        steps.reduceRight((outGradient, step) => step.backward(outGradient), gradient);
      return { output, backward, shape: [batch!, ...shape] };
    },
  };
  return pass;
}

function reader(state: ReferenceState): ReferencePass["read"] {
  return (name) => {
    const tensor = state[name];
    if (!tensor) throw new RangeError(`The state has no ${name}; it has ${Object.keys(state).join(", ")}`);
    return Float64Array.from(tensor.data);
  };
}
