import type { RunShape } from "#lib/duration.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { isAdaptive, type LossSpec } from "#train/loss.ts";
import { lossWeights } from "#train/loss_weights/build.ts";

/**
 * Why the stages of an adaptive loss do not follow each other in a run of this shape, as the end of a sentence; `null`
 * where they do. Weights that are schedules are checked with the plan's other schedules.
 */
export function lossProblem(loss: LossSpec, shape: RunShape): string | null {
  if (!isAdaptive(loss)) return null;
  try {
    lossWeights(loss, { shape, origin: 0, seed: 0, build: (schedule) => buildSchedule(schedule, shape) });
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
