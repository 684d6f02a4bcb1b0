import type { LayerEntry } from "./entry.ts";

export interface ReluLayer {
  readonly kind: "relu";
}

/** Rectified linear unit. */
export const reluLayer: LayerEntry<ReluLayer> = {
  kind: "relu",
  description: "max(x, 0)",
  outputShape: (_layer, input) => input,
  apply(_layer, input) {
    const output = relu(input);
    return { output, backward: (gradient) => reluGradient(output, gradient) };
  },
};

/** max(x, 0); what is not a number stays so. */
export function relu(input: Float64Array): Float64Array {
  return input.map((value) => value < 0 ? 0 : value);
}

/** Zero where the output of {@link relu} is zero. */
export function reluGradient(output: Float64Array, outGradient: Float64Array): Float64Array {
  return outGradient.map((value, index) => output[index]! > 0 ? value : 0);
}
