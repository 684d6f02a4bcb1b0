import { channelSums } from "../reference/convolution.ts";
import { type LayerEntry, vector } from "./entry.ts";
import { inverseRoots, product, rowSums } from "./layer_norm.ts";

export interface RmsNormLayer {
  readonly kind: "rms_norm";
  readonly name: string;
}

/** y = γ x / √(mean of x² + ε) over the channels of each position (Zhang and Sennrich, 2019), ε as in layer norm. */
export const rmsNorm: LayerEntry<RmsNormLayer> = {
  kind: "rms_norm",
  description:
    "division by the root mean square over the channels of each position, with a scale (Zhang and Sennrich, 2019)",
  outputShape: (_layer, input) => input,
  parameters: ({ name }, input) => [vector(`${name}/gamma`, input.at(-1)!, "ones", true)],
  apply({ name }, input, _shape, pass) {
    const gamma = pass.read(`${name}/gamma`);
    const channels = gamma.length;
    const scale = inverseRoots(input, channels);
    const normalised = input.map((value, index) => value * scale[Math.floor(index / channels)]!);
    const backward = (gradient: Float64Array) => {
      pass.gradients[`${name}/gamma`] = channelSums(product(gradient, normalised), channels);
      const scaled = gradient.map((value, index) => value * gamma[index % channels]!);
      const parts = rowSums(product(scaled, normalised), channels);
      return scaled.map((value, index) => {
        const row = Math.floor(index / channels);
        return scale[row]! * (value - normalised[index]! * parts[row]! / channels);
      });
    };
    return { output: normalised.map((value, index) => gamma[index % channels]! * value), backward };
  },
};
