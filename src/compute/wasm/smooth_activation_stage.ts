import { asRuns, type Plane, strides } from "./plane.ts";
import type { Stage } from "./stages.ts";

export interface SmoothActivationStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  /** `[batch, height, width, channels]`: slopes of the pass forward, for the pass back. */
  readonly slopes: number;
  /** True: ReLU²; false: GELU. */
  readonly squared: boolean;
}

/** GELU, or ReLU². */
export function smoothActivationStage(stage: SmoothActivationStage): Stage {
  const { input, output, outGradient, inGradient, slopes, squared } = stage;
  return {
    forward(kernels, { size }, training) {
      const planes = asRuns([input, output]);
      const { height, width, channels } = planes[0]!;
      const places = [...planes.map(({ at }) => at), training ? slopes : 0];
      const sizes = [size, height, width, channels];
      kernels.smoothActivation(...places, ...sizes, ...planes.flatMap(strides), Number(squared));
    },
    backward(kernels, { size }) {
      if (!inGradient) return;
      const planes = asRuns([outGradient, inGradient]);
      const { height, width, channels } = planes[0]!;
      const sizes = [size, height, width, channels];
      const places = [slopes, ...planes.map(({ at }) => at)];
      kernels.smoothActivationGradient(...places, ...sizes, ...planes.flatMap(strides));
    },
  };
}
