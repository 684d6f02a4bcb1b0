import { convolve, inputGradient, kernelGradient, type Scratch } from "./convolution.ts";
import type { Geometry } from "./geometry.ts";
import type { Kernels } from "./kernels.ts";
import { asLines, type Plane, strides } from "./plane.ts";

/** A layer, or a layer with the ReLU behind it, with all its buffers in place. */
export interface Stage {
  /** `training` uses, and moves, the statistics of the batch where a layer has any. */
  forward(kernels: Kernels, share: Share, training: boolean): void;
  /** Reads the gradient of the output, writes those of the parameters and of the input. */
  backward(kernels: Kernels, share: Share): void;
}

/** The images of a batch that are here; the others, if there are any, are with other replicas. */
export interface Share {
  readonly size: number;
  /** Images in the whole batch. */
  readonly total: number;
  /** Share of batch norm's moving statistics that a pass in training mode keeps. */
  readonly keep: number;
  /** Address of the step's number and the place in its batch of the first image here, u32; 0 where nothing is dropped. */
  readonly dropoutMask: number;
  /** Replaces `count` float64 numbers at an address by their sums over all replicas. */
  allReduce(at: number, count: number): void;
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
  /**
   * The gradient before the ReLU, in the margins of `gradientMargins` where `inGradient` is needed; `outGradient` itself
   * where there is neither a ReLU nor a margin.
   */
  readonly linearGradient: Plane;
  readonly inGradient: Plane | null;
  readonly scratch: Scratch;
}

/** Convolution with optional bias and ReLU; a dense layer is one of 1 × 1 pixels. */
export function convStage(stage: ConvStage): Stage {
  const { geometry, input, output, kernel, bias, relu, scratch, linearGradient, outGradient, inGradient } =
    stage;
  return {
    forward(kernels, { size: batch }) {
      const places = { kernel: kernel.value, bias: bias?.value ?? 0, relu };
      convolve(kernels, geometry, { input, output }, places, scratch, batch);
    },
    backward(kernels, { size: batch }) {
      // Through the ReLU, into the layout that the convolution wants; the bias's gradient on the way.
      const copies = outGradient !== linearGradient;
      if (outGradient && (copies || bias)) {
        const planes = asLines([output, outGradient, linearGradient]);
        const [from, { height, width, channels }] = [planes[1]!, planes[0]!];
        const places = [output.at, from.at, copies ? linearGradient.at : 0, bias?.gradient ?? 0];
        const sizes = [batch, height, width, channels];
        kernels.activationGradient(...places, ...sizes, ...planes.flatMap(strides), Number(relu));
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
  /** 28 · channels bytes of scratch. */
  readonly sums: number;
  readonly relu: boolean;
  readonly outGradient: Plane;
  readonly inGradient: Plane;
}

/** Batch norm with optional ReLU. Its statistics are those of the whole batch, whatever share of it is here. */
export function batchNormStage(stage: BatchNormStage): Stage {
  const { input, output, gamma, beta, mean, inverse, sums, relu, outGradient, inGradient } = stage;
  const { height, width, channels } = input;
  const area = height * width;
  const terms = sums + 16 * channels;
  const inLayout = strides(input);
  const statistics = (kernels: Kernels, share: Share) => {
    const decay = share.keep;
    const count = share.total * area;
    const sizes = [share.size, height, width, channels];
    kernels.batchNormSums(input.at, ...sizes, ...inLayout, 0, sums);
    share.allReduce(sums, channels);
    kernels.batchNormMean(sums, channels, count, mean, stage.movingMean, decay);
    kernels.batchNormSums(input.at, ...sizes, ...inLayout, mean, sums);
    share.allReduce(sums, channels);
    kernels.batchNormVariance(sums, channels, count, inverse, stage.movingVariance, decay);
  };
  return {
    forward(kernels, share, training) {
      if (training) statistics(kernels, share);
      else kernels.batchNormInverse(stage.movingVariance, inverse, channels);
      const layouts = [...inLayout, ...strides(output)];
      const factors = [training ? mean : stage.movingMean, inverse, gamma.value, beta.value];
      const sizes = [share.size, height, width, channels];
      kernels.batchNormApply(input.at, output.at, ...sizes, ...layouts, ...factors, Number(relu));
    },
    backward(kernels, share) {
      const sizes = [share.size, height, width, channels];
      const layouts = [...inLayout, ...strides(outGradient)];
      const factors = [mean, inverse, gamma.value, beta.value, Number(relu), gamma.gradient, beta.gradient];
      kernels.batchNormGradientSums(input.at, outGradient.at, ...sizes, ...layouts, ...factors, sums, terms);
      share.allReduce(sums, 2 * channels);
      const places = [input.at, outGradient.at, inGradient.at];
      const terminal = [mean, inverse, beta.value, Number(relu), share.total * area, sums, terms];
      kernels.batchNormGradient(...places, ...sizes, ...layouts, ...strides(inGradient), ...terminal);
    },
  };
}
