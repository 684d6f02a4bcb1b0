import { channelSums } from "../reference/convolution.ts";
import { type LayerEntry, vector } from "./entry.ts";

export interface LayerNormLayer {
  readonly kind: "layer_norm";
  readonly name: string;
}

/** Added to the variance, or to the mean square, under the root: torch.nn.LayerNorm's. */
export const LAYER_NORM_EPSILON = 1e-5;

/** y = γ (x − mean) / √(variance + ε) + β over the channels of each position (Ba et al., 2016), variance ÷ channels. */
export const layerNorm: LayerEntry<LayerNormLayer> = {
  kind: "layer_norm",
  description: "normalisation over the channels of each position, with scale and offset (Ba et al., 2016)",
  outputShape: (_layer, input) => input,
  parameters({ name }, input) {
    const channels = input.at(-1)!;
    return [
      vector(`${name}/gamma`, channels, "ones", true),
      vector(`${name}/beta`, channels, "zeros", true),
    ];
  },
  apply({ name }, input, _shape, pass) {
    const gamma = pass.read(`${name}/gamma`);
    const beta = pass.read(`${name}/beta`);
    const channels = gamma.length;
    const mean = rowSums(input, channels).map((sum) => sum / channels);
    const centred = input.map((value, index) => value - mean[Math.floor(index / channels)]!);
    const scale = inverseRoots(centred, channels);
    const normalised = centred.map((value, index) => value * scale[Math.floor(index / channels)]!);
    const backward = (gradient: Float64Array) => {
      pass.gradients[`${name}/gamma`] = channelSums(product(gradient, normalised), channels);
      pass.gradients[`${name}/beta`] = channelSums(gradient, channels);
      const scaled = gradient.map((value, index) => value * gamma[index % channels]!);
      const sums = rowSums(scaled, channels);
      const parts = rowSums(product(scaled, normalised), channels);
      return scaled.map((value, index) => {
        const row = Math.floor(index / channels);
        return scale[row]! * (value - sums[row]! / channels - normalised[index]! * parts[row]! / channels);
      });
    };
    const output = normalised.map((value, index) =>
      gamma[index % channels]! * value + beta[index % channels]!
    );
    return { output, backward };
  },
};

/** Σ over the channels of each position. */
export function rowSums(values: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(values.length / channels);
  values.forEach((value, index) => sums[Math.floor(index / channels)]! += value);
  return sums;
}

/** 1 / √(mean square + ε) of each position. */
export function inverseRoots(values: Float64Array, channels: number): Float64Array {
  return rowSums(product(values, values), channels)
    .map((sum) => 1 / Math.sqrt(sum / channels + LAYER_NORM_EPSILON));
}

export function product(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => value * b[index]!);
}
