import type { RunShape } from "#lib/duration.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { LossSpec } from "#train/loss.ts";
import { lossWeights } from "#train/loss_weights/build.ts";

/**
 * Why the weights of a loss do not suit a run of this shape, as the end of a sentence; `null` where they do.
 *
 * Weights that are schedules depend on the step alone; stages of an adaptive loss follow each other.
 */
export function lossProblem(loss: LossSpec, shape: RunShape): string | null {
  if (loss.name === "sum") {
    const watching = loss.components.map(({ weight }) => weight).find((weight) =>
      typeof weight !== "number" && !isCustom(weight) && buildSchedule(weight, shape).feedback !== null
    ) as ScheduleSpec | undefined;
    return watching === undefined ? null : (
      `the weight ${watching.name} watches evaluations, and a weight may depend on the step alone; ` +
      "adaptive_dynamic_hybrid is the loss that watches them"
    );
  }
  try {
    lossWeights(loss, { shape, origin: 0, seed: 0, build: (schedule) => buildSchedule(schedule, shape) });
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Code of one's own has nothing but a rate, and is loaded where it trains. */
function isCustom(schedule: ScheduleSpec): boolean {
  return JSON.stringify(schedule).includes('"name":"custom"');
}
