import type { RunShape } from "#lib/duration.ts";
import { type LossWeights, stagedWeights, stepOf, type Transition } from "./loss_weights.ts";

/** Keys of `adaptive_progressive_hybrid` in a spec. */
export interface ProgressiveHybrid {
  /** From the run's start until which the first component trains alone. */
  readonly schedule_start_epoch: string;
  /** From the run's start until which the first component dominates. */
  readonly structure_epochs: string;
  /** From the run's start from which on the third one is added. */
  readonly boundary_epochs: string;
  readonly transition: Transition;
}

/** Mixes of the first component alone, structure, boundaries, details: the guide names the stages, the shares are ours. */
const MIXES = [[1, 0, 0], [0.8, 0.2, 0], [0.5, 0.5, 0], [0.4, 0.4, 0.2]] as const;

/**
 * Dice alone, Dice dominant, Dice and focal, then Hausdorff beside them. A last ramp takes as long as the stage of boundaries
 * did, or what is left of the run.
 */
export function progressiveHybrid(
  { schedule_start_epoch, structure_epochs, boundary_epochs, transition }: ProgressiveHybrid,
  shape: RunShape,
): LossWeights {
  const starts = [
    0,
    ...[schedule_start_epoch, structure_epochs, boundary_epochs].map((each) => stepOf(each, shape)),
  ];
  const [, , structure, boundary] = starts as [number, number, number, number];
  return stagedWeights(
    MIXES.map((mix, index) => ({ from: starts[index]!, mix })),
    transition,
    Math.min(shape.totalSteps, boundary + (boundary - structure)),
  );
}
