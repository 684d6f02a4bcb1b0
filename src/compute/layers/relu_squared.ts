import type { LayerEntry } from "./entry.ts";

export interface ReluSquaredLayer {
  readonly kind: "relu_squared";
}

/** The square of a rectified linear unit (So et al., 2021). */
export const reluSquared: LayerEntry<ReluSquaredLayer> = {
  kind: "relu_squared",
  description: "max(x, 0)² (So et al., 2021)",
  outputShape: (_layer, input) => input,
  apply(_layer, input) {
    // What is not a number stays so.
    const positive = input.map((x) => x < 0 ? 0 : x);
    return {
      output: positive.map((x) => x * x),
      backward: (gradient) => gradient.map((value, index) => 2 * value * positive[index]!),
    };
  },
};
