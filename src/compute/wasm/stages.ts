import { BATCH_NORM_DECAY } from "../model.ts";
import { bandRows, type Geometry } from "./geometry.ts";
import type { Kernels } from "./kernels.ts";
import { type Plane, strides } from "./plane.ts";

/** A layer, or a layer with the ReLU behind it, with all its buffers in place. */
export interface Stage {
  /** `training` uses, and moves, the statistics of the batch where a layer has any. */
  forward(kernels: Kernels, batch: number, training: boolean): void;
  /** Reads the gradient of the output, writes those of the parameters and of the input. */
  backward(kernels: Kernels, batch: number): void;
}

/** Areas that stages use one after another. */
export interface Scratch {
  /** Packed weights. */
  readonly packed: number;
  /** The filter gradient as tiles. */
  readonly work: number;
  /** 384 bytes for the convolution's addresses. */
  readonly table: number;
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
  const { inChannels, outChannels } = geometry;
  const [kernelRows, kernelColumns] = geometry.kernel;
  const rowFloats = kernelColumns * inChannels;
  const taps = kernelRows * kernelColumns;
  const k = kernelRows * rowFloats;
  const stepX = input.pixel * geometry.stride[1];
  const stepY = input.row * geometry.stride[0];
  const inputAt = input.at - geometry.before[0] * input.row - geometry.before[1] * input.pixel;
  const window = [stepX, stepY, input.row, input.image] as const;
  const band = bandRows(stepY, linearGradient.row);
  return {
    forward(kernels, batch) {
      kernels.packFilter(kernel.value, bias?.value ?? 0, scratch.packed, k, outChannels);
      const sizes = [batch, output.height, output.width, kernelRows, rowFloats, outChannels];
      kernels.convolve(
        inputAt,
        scratch.packed,
        output.at,
        scratch.table,
        ...sizes,
        ...window,
        ...strides(output),
        Number(relu),
      );
    },
    backward(kernels, batch) {
      // 1. Through the ReLU, into the layout that the convolution wants; the bias's gradient on the way.
      const outSizes = [batch, output.height, output.width, outChannels];
      if (outGradient) {
        const places = [output.at, outGradient.at, linearGradient.at, bias?.gradient ?? 0];
        const layouts = [...strides(output), ...strides(outGradient), ...strides(linearGradient)];
        kernels.activationGradient(...places, ...outSizes, ...layouts, Number(relu));
      }
      // 2. The kernel's gradient.
      kernels.zero(scratch.work, Math.ceil(outChannels / 8) * k * 32);
      const sizes = [batch, output.height, output.width, kernelRows, rowFloats, outChannels];
      const gradient = strides(linearGradient);
      kernels.filterGradient(
        inputAt,
        linearGradient.at,
        scratch.work,
        ...sizes,
        ...window,
        ...gradient,
        band,
      );
      kernels.unpackFilterGradient(scratch.work, kernel.gradient, k, outChannels);
      // 3. The input's gradient: the same convolution by the flipped kernel.
      if (!inGradient) return;
      kernels.packFilterTransposed(kernel.value, scratch.packed, taps, inChannels, outChannels);
      inputGradient(kernels, stage, inGradient, batch);
    },
  };
}

function inputGradient(
  kernels: Kernels,
  { geometry, linearGradient, scratch }: ConvStage,
  to: Plane,
  batch: number,
): void {
  const { kernel, before, stride, inChannels, outChannels } = geometry;
  const pixel = linearGradient.pixel / stride[1];
  const row = linearGradient.row / stride[0];
  const from = linearGradient.at - (kernel[0] - 1 - before[0]) * row - (kernel[1] - 1 - before[1]) * pixel;
  const sizes = [batch, to.height, to.width, kernel[0], kernel[1] * outChannels, inChannels];
  const window = [pixel, row, row, linearGradient.image];
  kernels.convolve(from, scratch.packed, to.at, scratch.table, ...sizes, ...window, ...strides(to), 0);
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
