import type { Kernel } from "./kernel.ts";
import type { Recorder } from "./recorder.ts";
import { type Recorded, size, type Stage } from "./stages.ts";
import type { Store } from "./store.ts";

/**
 * Training normalises by the batch's own statistics and moves the moving ones, as `controls` says; inference normalises
 * by those. Only training with `dropoutMask` drops anything.
 */
export type Mode =
  | { readonly kind: "training"; readonly controls: GPUBuffer; readonly dropoutMask?: GPUBuffer }
  | { readonly kind: "inference" };

/** What recording a stage forward takes. */
export interface ForwardPlace {
  readonly recorder: Recorder;
  readonly stage: Stage;
  readonly store: Store;
  readonly x: GPUBuffer;
  readonly mode: Mode;
}

/** The input of the dropout masks; undefined where nothing is dropped. */
export function dropoutMaskOf(mode: Mode): GPUBuffer | undefined {
  return mode.kind === "training" ? mode.dropoutMask : undefined;
}

export function outputOf({ recorder, stage }: ForwardPlace): GPUBuffer {
  return recorder.buffer(`output of ${stage.layer.kind}`, size(stage.output));
}

/** A layer of one kernel from its input, and others, to its output. */
export function single(place: ForwardPlace, kernel: Kernel, ...others: readonly Binding[]): Recorded {
  const y = outputOf(place);
  place.recorder.run(kernel, place.x, ...others, y);
  return { ...place.stage, x: place.x, y };
}

type Binding = Parameters<Recorder["run"]>[1];
