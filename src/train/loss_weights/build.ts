import { permutation, random } from "#lib/prng.ts";
import type { RunShape } from "#lib/duration.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";
import { type AdaptiveLossSpec, isAdaptive, type LossSpec, type StagedLossSpec } from "../loss.ts";
import { complexityCascade } from "./complexity_cascade.ts";
import { dynamicHybrid } from "./dynamic_hybrid.ts";
import type { LossWeights } from "./loss_weights.ts";
import { progressiveHybrid } from "./progressive_hybrid.ts";
import { structureBoundary } from "./structure_boundary.ts";

/** The quantities that weights depend on beside the loss. */
export interface WeightsContext {
  readonly shape: RunShape;
  /** The first step of the run's own time: that of an adaptive loss counts from it. */
  readonly origin: number;
  readonly seed: number;
  /** Makes a schedule, in the run's time. */
  readonly build: (schedule: ScheduleSpec) => BuiltSchedule;
}

/** The weights of a loss over a run; `null` where they are fixed. */
export function lossWeights(loss: LossSpec, context: WeightsContext): LossWeights | null {
  if (isAdaptive(loss)) return adaptive(loss, context);
  return loss.name === "sum" ? scheduled(loss.components.map(({ weight }) => weight), context.build) : null;
}

function adaptive(loss: AdaptiveLossSpec, { shape, origin, seed }: WeightsContext): LossWeights {
  if (loss.name === "adaptive_dynamic_hybrid") {
    return dynamicHybrid(loss, loss.components.length) as LossWeights;
  }
  const { at, feedback } = staged(loss, shape);
  const order = loss.order === "shuffled"
    ? permutation(shape.totalSteps, random(seed, "loss weights"))
    : null;
  return { at: (step, state) => at(order?.[step - origin] ?? step - origin, state), feedback };
}

function staged(loss: StagedLossSpec, shape: RunShape): LossWeights {
  switch (loss.name) {
    case "adaptive_structure_boundary":
      return structureBoundary(loss, shape);
    case "adaptive_progressive_hybrid":
      return progressiveHybrid(loss, shape);
    case "adaptive_complexity_cascade":
      return complexityCascade(loss, loss.components.length, shape);
  }
}

/** Weights of which some are schedules, whose rate is the weight. */
function scheduled(
  weights: readonly (number | ScheduleSpec)[],
  build: WeightsContext["build"],
): LossWeights | null {
  if (weights.every((weight) => typeof weight === "number")) return null;
  const each = weights.map((weight) => typeof weight === "number" ? () => weight : build(weight).lr);
  return { at: (step) => each.map((weight) => weight(step)), feedback: null };
}
