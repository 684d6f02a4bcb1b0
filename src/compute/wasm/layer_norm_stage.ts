import { type Plane, strides } from "./plane.ts";
import type { Slot, Stage } from "./stages.ts";

export interface LayerNormStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  readonly gamma: Slot;
  /** `null` for RMS norm, which takes no mean off either. */
  readonly beta: Slot | null;
  /** `[batch, height, width, 2]`: mean and 1 / √(variance + ε) of each position. */
  readonly stats: number;
  /** 2 · channels floats of scratch. */
  readonly sums: number;
}

/** Layer norm, or RMS norm. */
export function layerNormStage(stage: LayerNormStage): Stage {
  const { input, output, outGradient, inGradient, gamma, beta, stats, sums } = stage;
  const { height, width, channels } = input;
  const centred = Number(beta !== null);
  return {
    forward(kernels, { size }) {
      const layouts = [input, output].flatMap(strides);
      const factors = [gamma.value, beta?.value ?? 0, stats, centred];
      kernels.layerNorm(input.at, output.at, size, height, width, channels, ...layouts, ...factors);
    },
    backward(kernels, { size }) {
      const places = [input.at, outGradient.at, inGradient?.at ?? 0];
      const layouts = [input, outGradient, inGradient ?? input].flatMap(strides);
      const factors = [gamma.value, gamma.gradient, beta?.gradient ?? 0, stats, sums, centred];
      kernels.layerNormGradient(...places, size, height, width, channels, ...layouts, ...factors);
    },
  };
}
