import type { Recorder } from "./recorder.ts";
import { type Recorded, size } from "./stages.ts";
import type { Store } from "./store.ts";

export interface Want {
  /** True where somebody needs the gradient of the input. */
  readonly needsInput: boolean;
  /** True: that is 0 where the input, which then came out of a ReLU, is 0. */
  readonly maskInput: boolean;
}

/** What recording the gradients of a stage takes. */
export interface BackwardPlace {
  readonly recorder: Recorder;
  readonly stage: Recorded;
  readonly store: Store;
  /** The gradient for the stage's output before its ReLU. */
  readonly dy: GPUBuffer;
  readonly want: Want;
}

/** The gradient of a layer's input, where somebody needs it; `masked` is what a kernel with `mask` reads beside. */
export function inputOf(
  { recorder, stage, want }: Pick<BackwardPlace, "recorder" | "stage" | "want" | "dy">,
  record: (
    at: {
      readonly input: readonly number[];
      readonly x: GPUBuffer;
      readonly mask: boolean;
      readonly masked: readonly GPUBuffer[];
      readonly dx: GPUBuffer;
    },
  ) => void,
): GPUBuffer | null {
  if (!want.needsInput) return null;
  const { layer, input, x } = stage;
  const mask = want.maskInput;
  const dx = recorder.buffer(`gradient for the input of ${layer.kind}`, size(input));
  record({ input, x, mask, masked: mask ? [x] : [], dx });
  return dx;
}
