import { channelSums } from "../reference/convolution.ts";
import { type LayerEntry, type ReferencePass, vector } from "./entry.ts";

export interface BatchNormLayer {
  readonly kind: "batch_norm";
  readonly name: string;
}

/** Share of the old moving mean and variance that a batch-norm layer keeps per step. */
export const BATCH_NORM_DECAY = 0.9;
/** Added to the variance under the root, as in PyTorch. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Batch norm: the batch's own statistics in training mode, the moving ones in inference mode. */
export const batchNorm: LayerEntry<BatchNormLayer> = {
  kind: "batch_norm",
  description:
    "normalisation of each channel over the batch, with scale and offset (Ioffe and Szegedy, 2015)",
  outputShape: (_layer, input) => input,
  parameters({ name }, input) {
    const channels = input.at(-1)!;
    return [
      vector(`${name}/gamma`, channels, "ones", true),
      vector(`${name}/beta`, channels, "zeros", true),
      vector(`${name}/moving_mean`, channels, "zeros", false),
      vector(`${name}/moving_variance`, channels, "ones", false),
    ];
  },
  apply({ name }, input, _shape, pass) {
    const state = stateOf(name, pass);
    if (pass.mode === "inference") {
      return { output: batchNormInference(input, state), backward: () => new Float64Array() };
    }
    const done = batchNormTraining(input, state, pass.keep);
    pass.moving[`${name}/moving_mean`] = done.movingMean;
    pass.moving[`${name}/moving_variance`] = done.movingVariance;
    const backward = (gradient: Float64Array) => {
      const back = batchNormGradient(gradient, done, state.gamma);
      pass.gradients[`${name}/gamma`] = back.gamma;
      pass.gradients[`${name}/beta`] = back.beta;
      return back.input;
    };
    return { output: done.output, backward };
  },
};

function stateOf(name: string, { read }: ReferencePass): BatchNormState {
  return {
    gamma: read(`${name}/gamma`),
    beta: read(`${name}/beta`),
    movingMean: read(`${name}/moving_mean`),
    movingVariance: read(`${name}/moving_variance`),
  };
}

/** The variables of a batch-norm layer, `[channels]` each. */
export interface BatchNormState {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  readonly movingMean: Float64Array;
  readonly movingVariance: Float64Array;
}

export interface BatchNormTraining {
  readonly output: Float64Array;
  /** (x − mean) / √(variance + ε), which the gradient needs. */
  readonly normalised: Float64Array;
  /** 1 / √(variance + ε), `[channels]` */
  readonly scale: Float64Array;
  readonly movingMean: Float64Array;
  readonly movingVariance: Float64Array;
}

/**
 * y = γ (x − mean) / √(variance + ε) + β over all pixels of a channel in the batch (Ioffe and Szegedy, 2015).
 *
 * The variance that normalises is biased (÷ n); the one that moves the moving average is unbiased (÷ (n − 1)), as
 * in PyTorch: moving ← decay · moving + (1 − decay) · seen. A single pixel leaves the moving variance where it is.
 */
export function batchNormTraining(
  input: Float64Array,
  state: BatchNormState,
  keep: number,
): BatchNormTraining {
  const channels = state.gamma.length;
  const pixels = input.length / channels;
  const mean = channelSums(input, channels).map((sum) => sum / pixels);
  const squares = channelSums(input.map((value, index) => (value - mean[index % channels]!) ** 2), channels);
  const scale = squares.map((sum) => 1 / Math.sqrt(sum / pixels + BATCH_NORM_EPSILON));
  const normalised = input.map((value, index) =>
    (value - mean[index % channels]!) * scale[index % channels]!
  );
  const moved = (old: Float64Array, seen: Float64Array) =>
    old.map((value, index) => keep * value + (1 - keep) * seen[index]!);
  return {
    output: normalised.map((value, index) =>
      value * state.gamma[index % channels]! + state.beta[index % channels]!
    ),
    normalised,
    scale,
    movingMean: moved(state.movingMean, mean),
    movingVariance: pixels > 1
      ? moved(state.movingVariance, squares.map((sum) => sum / (pixels - 1)))
      : state.movingVariance,
  };
}

/** y = γ (x − moving mean) / √(moving variance + ε) + β */
function batchNormInference(input: Float64Array, state: BatchNormState): Float64Array {
  const channels = state.gamma.length;
  return input.map((value, index) => {
    const channel = index % channels;
    const scale = state.gamma[channel]! / Math.sqrt(state.movingVariance[channel]! + BATCH_NORM_EPSILON);
    return (value - state.movingMean[channel]!) * scale + state.beta[channel]!;
  });
}

/** The loss's gradients for the input, γ and β of {@link batchNormTraining}. */
export function batchNormGradient(
  outGradient: Float64Array,
  { normalised, scale }: Pick<BatchNormTraining, "normalised" | "scale">,
  gamma: Float64Array,
): { input: Float64Array; gamma: Float64Array; beta: Float64Array } {
  const channels = gamma.length;
  const pixels = outGradient.length / channels;
  const betaGradient = channelSums(outGradient, channels);
  const gammaGradient = channelSums(outGradient.map((value, index) => value * normalised[index]!), channels);
  const input = outGradient.map((value, index) => {
    const channel = index % channels;
    const centred = value - betaGradient[channel]! / pixels -
      normalised[index]! * gammaGradient[channel]! / pixels;
    return gamma[channel]! * scale[channel]! * centred;
  });
  return { input, gamma: gammaGradient, beta: betaGradient };
}
