import { type Plane, strides } from "./plane.ts";
import type { Slot, Stage } from "./stages.ts";

export interface EmbeddingStage {
  readonly vocabulary: number;
  /** Tokens, as numbers. */
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly vectors: Slot;
}

/** Vectors of tokens: the first stage, so it leaves no gradient of its input. */
export function embeddingStage({ vocabulary, input, output, outGradient, vectors }: EmbeddingStage): Stage {
  const { height, width, channels } = output;
  const inLayout = strides(input);
  return {
    forward(kernels, { size }) {
      const places = [input.at, vectors.value, output.at];
      const sizes = [size, height, width, channels, vocabulary];
      kernels.embedding(...places, ...sizes, ...inLayout, ...strides(output));
    },
    backward(kernels, { size }) {
      const places = [input.at, outGradient.at, vectors.gradient];
      const sizes = [size, height, width, channels, vocabulary];
      kernels.embeddingGradient(...places, ...sizes, ...inLayout, ...strides(outGradient));
    },
  };
}

export interface PositionStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  readonly vectors: Slot;
}

/** Adds the vector of each position. */
export function positionStage({ input, output, outGradient, inGradient, vectors }: PositionStage): Stage {
  const { height, width, channels } = output;
  const pixel = channels * 4;
  // The same for every image: a stride of 0 repeats.
  const vectorLayout = [pixel, width * pixel, 0];
  return {
    forward(kernels, { size }) {
      const places = [input.at, vectors.value, output.at];
      const layouts = [...strides(input), ...vectorLayout, ...strides(output)];
      kernels.addImages(...places, size, height, width, channels, ...layouts, 0);
    },
    backward(kernels, { size }) {
      const sizes = [size, height, width, channels];
      kernels.positionGradient(outGradient.at, vectors.gradient, ...sizes, ...strides(outGradient));
      if (!inGradient) return;
      const layouts = [0, 0, 0, ...strides(outGradient), ...strides(inGradient)];
      kernels.activationGradient(0, outGradient.at, inGradient.at, 0, ...sizes, ...layouts, 0);
    },
  };
}
