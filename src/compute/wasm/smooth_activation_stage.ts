import { asRuns, type Plane, strides } from "./plane.ts";
import type { Stage } from "./stages.ts";

export interface SmoothActivationStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  /** True: ReLU²; false: GELU. */
  readonly squared: boolean;
}

/** GELU, or ReLU². */
export function smoothActivationStage(stage: SmoothActivationStage): Stage {
  const { input, output, outGradient, inGradient, squared } = stage;
  return {
    forward(kernels, { size }) {
      const [from, to] = asRuns([input, output]) as [Plane, Plane];
      const sizes = [size, to.height, to.width, to.channels];
      kernels.smoothActivation(from.at, to.at, ...sizes, ...[from, to].flatMap(strides), Number(squared));
    },
    backward(kernels, { size }) {
      if (!inGradient) return;
      const planes = asRuns([input, outGradient, inGradient]);
      const { height, width, channels } = planes[0]!;
      const places = planes.map(({ at }) => at);
      const sizes = [size, height, width, channels];
      kernels.smoothActivationGradient(...places, ...sizes, ...planes.flatMap(strides), Number(squared));
    },
  };
}
