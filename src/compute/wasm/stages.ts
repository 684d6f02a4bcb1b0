import { BATCH_NORM_DECAY } from "../model.ts";
import { convolve, inputGradient, kernelGradient, type Scratch } from "./convolution.ts";
import type { Geometry } from "./geometry.ts";
import type { Kernels } from "./kernels.ts";
import { type Plane, strides } from "./plane.ts";

/** A layer, or a layer with the ReLU behind it, with all its buffers in place. */
export interface Stage {
  /** `training` uses, and moves, the statistics of the batch where a layer has any. */
  forward(kernels: Kernels, batch: number, training: boolean): void;
  /** Reads the gradient of the output, writes those of the parameters and of the input. */
  backward(kernels: Kernels, batch: number): void;
}

/** A trainable variable: its value and its gradient. */
export interface Slot {
  readonly value: number;
  readonly gradient: number;
}

export interface ConvStage {
  readonly geometry: Geometry;
  readonly input: Plane;
  readonly output: Plane;
  readonly kernel: Slot;
  readonly bias: Slot | null;
  readonly relu: boolean;
  /** The gradient behind the ReLU; `null` where the next stage writes `linearGradient` and the bias's itself. */
  readonly outGradient: Plane | null;
  /** The gradient before the ReLU, in the margins of `gradientMargins` where `inGradient` is wanted. */
  readonly linearGradient: Plane;
  readonly inGradient: Plane | null;
  readonly scratch: Scratch;
}

/** Convolution with optional bias and ReLU; a dense layer is one of 1 × 1 pixels. */
export function convStage(stage: ConvStage): Stage {
  const { geometry, input, output, kernel, bias, relu, scratch, linearGradient, outGradient, inGradient } =
    stage;
  return {
    forward(kernels, batch) {
      const places = { kernel: kernel.value, bias: bias?.value ?? 0, relu };
      convolve(kernels, geometry, { input, output }, places, scratch, batch);
    },
    backward(kernels, batch) {
      // Through the ReLU, into the layout that the convolution wants; the bias's gradient on the way.
      if (outGradient) {
        const places = [output.at, outGradient.at, linearGradient.at, bias?.gradient ?? 0];
        const sizes = [batch, output.height, output.width, output.channels];
        const layouts = [output, outGradient, linearGradient].flatMap(strides);
        kernels.activationGradient(...places, ...sizes, ...layouts, Number(relu));
      }
      const planes = { input, outGradient: linearGradient };
      kernelGradient(kernels, geometry, planes, kernel.gradient, scratch, batch);
      if (!inGradient) return;
      const back = { outGradient: linearGradient, inGradient };
      inputGradient(kernels, geometry, back, kernel.value, scratch, batch);
    },
  };
}

export interface BatchNormStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly gamma: Slot;
  readonly beta: Slot;
  readonly movingMean: number;
  readonly movingVariance: number;
  /** `[channels]` each: the batch's mean and 1 / √(variance + ε). */
  readonly mean: number;
  readonly inverse: number;
  /** 24 · channels bytes. */
  readonly sums: number;
  readonly relu: boolean;
  readonly outGradient: Plane;
  readonly inGradient: Plane;
}

/** Batch norm with optional ReLU. */
export function batchNormStage(stage: BatchNormStage): Stage {
  const { input, output, gamma, beta, mean, inverse, sums, relu, outGradient, inGradient } = stage;
  const { height, width, channels } = input;
  const terms = sums + 16 * channels;
  return {
    forward(kernels, batch, training) {
      const sizes = [batch, height, width, channels];
      const moving = [stage.movingMean, stage.movingVariance];
      if (training) {
        const places = [mean, inverse, ...moving];
        kernels.batchNormStatistics(
          input.at,
          ...sizes,
          ...strides(input),
          ...places,
          BATCH_NORM_DECAY,
          sums,
        );
      } else {
        kernels.batchNormInverse(stage.movingVariance, inverse, channels);
      }
      const layouts = [...strides(input), ...strides(output)];
      const factors = [training ? mean : stage.movingMean, inverse, gamma.value, beta.value];
      kernels.batchNormApply(input.at, output.at, ...sizes, ...layouts, ...factors, Number(relu));
    },
    backward(kernels, batch) {
      const places = [input.at, outGradient.at, inGradient.at, batch, height, width, channels];
      const layouts = [...strides(input), ...strides(outGradient), ...strides(inGradient)];
      const factors = [mean, inverse, gamma.value, beta.value, gamma.gradient, beta.gradient];
      kernels.batchNormGradient(...places, ...layouts, ...factors, Number(relu), sums, terms);
    },
  };
}

export interface PoolStage {
  readonly size: number;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  /** Set where the input came out of a ReLU and the gradient goes on to before it. */
  readonly reluBefore: boolean;
  /** Where the sums of the input's gradient go, for the bias under that ReLU. */
  readonly biasBefore: Slot | null;
}

/** Max pool. */
export function poolStage(stage: PoolStage): Stage {
  const { size, input, output, outGradient, inGradient, reluBefore, biasBefore } = stage;
  const { height, width, channels } = output;
  return {
    forward(kernels, batch) {
      const sizes = [batch, height, width, channels, size];
      kernels.maxPool(input.at, output.at, ...sizes, ...strides(input), ...strides(output));
    },
    backward(kernels, batch) {
      if (!inGradient) return;
      const places = [input.at, output.at, outGradient.at, inGradient.at, biasBefore?.gradient ?? 0];
      const layouts = [input, output, outGradient, inGradient].flatMap(strides);
      kernels.maxPoolGradient(
        ...places,
        batch,
        height,
        width,
        channels,
        size,
        ...layouts,
        Number(reluBefore),
      );
    },
  };
}

export interface AverageStage {
  readonly input: Plane;
  /** `[batch, channels]` as images of one pixel, like both gradients. */
  readonly output: Plane;
  readonly outGradient: Plane;
  /** One pixel for the whole image: what is before reads it with strides of 0. */
  readonly inGradient: Plane;
}

/** Global average pool. */
export function averageStage({ input, output, outGradient, inGradient }: AverageStage): Stage {
  const { height, width, channels } = input;
  return {
    forward(kernels, batch) {
      kernels.globalAveragePool(input.at, output.at, batch, height, width, channels, ...strides(input));
    },
    backward(kernels, batch) {
      kernels.scale(outGradient.at, inGradient.at, batch * channels, 1 / (height * width));
    },
  };
}

export interface ReluStage {
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
}

/** A ReLU that no layer before it has taken in. */
export function reluStage({ input, output, outGradient, inGradient }: ReluStage): Stage {
  const { height, width, channels } = input;
  return {
    forward(kernels, batch) {
      const sizes = [batch, height, width, channels];
      kernels.relu(input.at, output.at, ...sizes, ...strides(input), ...strides(output));
    },
    backward(kernels, batch) {
      if (!inGradient) return;
      const layouts = [output, outGradient, inGradient].flatMap(strides);
      const places = [output.at, outGradient.at, inGradient.at, 0];
      kernels.activationGradient(...places, batch, height, width, channels, ...layouts, 1);
    },
  };
}
