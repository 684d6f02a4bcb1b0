import type { Kernels } from "./kernels.ts";
import { channelsOf, type Plane, strides } from "./plane.ts";
import type { Branch } from "./residual_stage.ts";
import type { Stage } from "./stages.ts";

export interface ConcatStage {
  readonly main: Branch;
  readonly shortcut: Branch;
  /** The channels of `main`, then those of `shortcut`. */
  readonly output: Plane;
  readonly inGradient: Plane | null;
}

/** Two branches from one input, their channels side by side. */
export function concatStage({ main, shortcut, output, inGradient }: ConcatStage): Stage {
  const branches = [main, shortcut];
  const first = main.output.channels;
  const parts = [channelsOf(output, 0, first), channelsOf(output, first, output.channels - first)];
  return {
    forward(kernels, share, training) {
      branches.forEach(({ stages, output: from }, index) => {
        for (const stage of stages) stage.forward(kernels, share, training);
        copy(kernels, share.size, from, parts[index]!);
      });
    },
    backward(kernels, share) {
      for (const { stages } of branches) {
        for (const stage of stages.toReversed()) stage.backward(kernels, share);
      }
      if (!inGradient) return;
      const planes = [main.inGradient!, shortcut.inGradient!, inGradient];
      const { height, width, channels } = inGradient;
      const places = planes.map(({ at }) => at);
      kernels.addImages(...places, share.size, height, width, channels, ...planes.flatMap(strides), 0);
    },
  };
}

function copy(kernels: Kernels, batch: number, from: Plane, to: Plane): void {
  const { height, width, channels } = to;
  const layouts = [from, to].flatMap(strides);
  kernels.activationGradient(0, from.at, to.at, 0, batch, height, width, channels, 0, 0, 0, ...layouts, 0);
}
