import { type Plane, strides } from "./plane.ts";
import type { Stage } from "./stages.ts";

export interface Branch {
  readonly stages: readonly Stage[];
  readonly output: Plane;
  /** The gradient of the input that the stages leave; `null` where nobody needs it. */
  readonly inGradient: Plane | null;
}

export interface ResidualStage {
  readonly main: Branch;
  readonly shortcut: Branch;
  readonly relu: boolean;
  readonly output: Plane;
  readonly outGradient: Plane;
  /** The gradient of the sum, before the ReLU: what both branches start from; without a ReLU, `outGradient` itself. */
  readonly sumGradient: Plane;
  readonly inGradient: Plane | null;
}

/** Two branches from one input, their sum, and its ReLU where there is one. */
export function residualStage(stage: ResidualStage): Stage {
  const { main, shortcut, relu, output, outGradient, sumGradient, inGradient } = stage;
  const branches = [main, shortcut];
  return {
    forward(kernels, share, training) {
      for (const { stages } of branches) {
        for (const stage of stages) stage.forward(kernels, share, training);
      }
      const places = [main.output.at, shortcut.output.at, output.at];
      const layouts = [main.output, shortcut.output, output].flatMap(strides);
      kernels.addImages(...places, share.size, ...sizes(output), ...layouts, Number(relu));
    },
    backward(kernels, share) {
      if (sumGradient !== outGradient) {
        const places = [output.at, outGradient.at, sumGradient.at, 0];
        const layouts = [output, outGradient, sumGradient].flatMap(strides);
        kernels.activationGradient(...places, share.size, ...sizes(output), ...layouts, Number(relu));
      }
      for (const { stages } of branches) {
        for (const stage of stages.toReversed()) stage.backward(kernels, share);
      }
      if (!inGradient) return;
      const parts = [main.inGradient!, shortcut.inGradient!, inGradient];
      const at = parts.map((plane) => plane.at);
      kernels.addImages(...at, share.size, ...sizes(inGradient), ...parts.flatMap(strides), 0);
    },
  };
}

function sizes({ height, width, channels }: Plane): [number, number, number] {
  return [height, width, channels];
}
