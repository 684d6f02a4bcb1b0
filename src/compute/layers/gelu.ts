import { erf } from "#lib/erf.ts";
import type { LayerEntry } from "./entry.ts";

export interface GeluLayer {
  readonly kind: "gelu";
}

/**
 * Gaussian error linear unit (Hendrycks and Gimpel, 2016) in its exact form, torch.nn.GELU()'s default: x Φ(x) with the
 * normal distribution Φ(x) = ½ (1 + erf(x / √2)). Its slope is Φ(x) + x φ(x) with the density φ(x) = e^(−x²/2) / √(2π).
 */
export const gelu: LayerEntry<GeluLayer> = {
  kind: "gelu",
  description: "x Φ(x), Gaussian error linear unit in its exact form (Hendrycks and Gimpel, 2016)",
  outputShape: (_layer, input) => input,
  apply: (_layer, input) => ({
    output: input.map((x) => x * normal(x)),
    backward: (gradient) =>
      gradient.map((value, index) => {
        const x = input[index]!;
        return value * (normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
      }),
  }),
};

function normal(x: number): number {
  return 0.5 * (1 + erf(x / Math.SQRT2));
}
