import { dropArguments, type Drops } from "./drops.ts";
import type { Kernels } from "./kernels.ts";
import { type Plane, strides } from "./plane.ts";
import type { Share, Slot, Stage } from "./stages.ts";

export interface PoolStage {
  readonly size: number;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
  /** Set where the input came out of a ReLU and the gradient is passed to before it. */
  readonly reluBefore: boolean;
  /** Address of the sums of the input's gradient, for the bias under that ReLU. */
  readonly biasBefore: Slot | null;
}

/** Max pool. */
export function poolStage(stage: PoolStage): Stage {
  const { size, input, output, outGradient, inGradient, reluBefore, biasBefore } = stage;
  const { height, width, channels } = output;
  return {
    forward(kernels, { size: batch }) {
      const sizes = [batch, height, width, channels, size];
      kernels.maxPool(input.at, output.at, ...sizes, ...strides(input), ...strides(output));
    },
    backward(kernels, { size: batch }) {
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
    forward(kernels, { size: batch }) {
      kernels.globalAveragePool(input.at, output.at, batch, height, width, channels, ...strides(input));
    },
    backward(kernels, { size: batch }) {
      kernels.scale(outGradient.at, inGradient.at, batch * channels, 1 / (height * width));
    },
  };
}

export interface DropoutStage {
  readonly drops: Drops;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
}

/** Dropout; a copy where nothing is dropped. */
export function dropoutStage({ drops, input, output, outGradient, inGradient }: DropoutStage): Stage {
  const { height, width, channels } = input;
  const pass = (kernels: Kernels, { size: batch, dropoutMask }: Share, from: Plane, to: Plane) => {
    const sizes = [batch, height, width, channels];
    const layouts = [from, to].flatMap(strides);
    if (dropoutMask) {
      kernels.dropout(from.at, to.at, ...sizes, ...layouts, ...dropArguments(drops, dropoutMask));
    } else {
      kernels.activationGradient(0, from.at, to.at, 0, ...sizes, 0, 0, 0, ...layouts, 0);
    }
  };
  return {
    forward: (kernels, share) => pass(kernels, share, input, output),
    backward: (kernels, share) => {
      if (inGradient) pass(kernels, share, outGradient, inGradient);
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
    forward(kernels, { size: batch }) {
      const sizes = [batch, height, width, channels];
      kernels.relu(input.at, output.at, ...sizes, ...strides(input), ...strides(output));
    },
    backward(kernels, { size: batch }) {
      if (!inGradient) return;
      const layouts = [output, outGradient, inGradient].flatMap(strides);
      const places = [output.at, outGradient.at, inGradient.at, 0];
      kernels.activationGradient(...places, batch, height, width, channels, ...layouts, 1);
    },
  };
}
