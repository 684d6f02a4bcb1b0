import type { RunShape } from "#lib/duration.ts";
import { type LossWeights, stagedWeights, stepOf, type Transition } from "./loss_weights.ts";

/** Keys of `adaptive_structure_boundary` in a spec. */
export interface StructureBoundary {
  /** From the run's start until which the first component trains alone. */
  readonly schedule_start_epoch: string;
  /** From the run's start from which on the second one trains alone. */
  readonly boundary_epochs: string;
  readonly transition: Transition;
}

/**
 * From the first component (Dice, regions) to the second (focal, boundaries); with t the step and s, b the two durations:
 *
 *     ramp:    w₂ = clamp((t − s) / (b − s), 0, 1),  w₁ = 1 − w₂
 *     switch:  w₂ = [t ≥ b],                         w₁ = 1 − w₂
 */
export function structureBoundary(
  { schedule_start_epoch, boundary_epochs, transition }: StructureBoundary,
  shape: RunShape,
): LossWeights {
  const boundary = stepOf(boundary_epochs, shape);
  const start = stepOf(schedule_start_epoch, shape);
  if (boundary < start) {
    throw new RangeError(
      `boundary_epochs is step ${boundary}, before schedule_start_epoch, step ${start}; expected it not to be`,
    );
  }
  const from = transition === "ramp" ? start : boundary;
  return stagedWeights([{ from: 0, mix: [1, 0] }, { from, mix: [0, 1] }], transition, boundary);
}
