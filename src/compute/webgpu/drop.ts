import type { Dropout } from "../dropout_mask.ts";
import { dropout } from "./kernels/dropout.ts";
import type { Recorder } from "./recorder.ts";
import { size, type Stage, unitsOf } from "./stages.ts";

/** Records the dropout of a tensor, whose first axis is the batch, into a buffer of its own. */
export function drop(
  recorder: Recorder,
  { rate }: Dropout,
  { dropouts }: Stage,
  { x, shape, mask, label }: {
    readonly x: GPUBuffer;
    readonly shape: readonly number[];
    /** Input of the dropout masks. */
    readonly mask: GPUBuffer;
    readonly label: string;
  },
): GPUBuffer {
  const y = recorder.buffer(label, size(shape));
  recorder.run(dropout(unitsOf(shape), rate, { place: dropouts, mask: false }), x, mask, y);
  return y;
}
