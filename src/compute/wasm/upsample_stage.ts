import { type Plane, strides } from "./plane.ts";
import type { Stage } from "./stages.ts";

export interface UpsampleStage {
  readonly size: number;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
}

/** Nearest-neighbour upsampling. */
export function upsampleStage({ size, input, output, outGradient, inGradient }: UpsampleStage): Stage {
  const { height, width, channels } = input;
  return {
    forward(kernels, { size: batch }) {
      const sizes = [batch, height, width, channels, size];
      kernels.upsample(input.at, output.at, ...sizes, ...[input, output].flatMap(strides));
    },
    backward(kernels, { size: batch }) {
      if (!inGradient) return;
      const sizes = [batch, height, width, channels, size];
      const layouts = [outGradient, inGradient].flatMap(strides);
      kernels.upsampleGradient(outGradient.at, inGradient.at, ...sizes, ...layouts);
    },
  };
}
