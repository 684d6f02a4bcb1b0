import { shortestFloat32 } from "#lib/float32.ts";
import type { StepEvent } from "./events.ts";
import type { AppliedUpdate } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";

/** A mean loss (nats) beyond this ends a run as diverged: guessing among ten classes costs 2.3. */
export const DIVERGENCE_LOSS = 50;

/** The event of a step, its numbers as short as 32 bits allow. */
export function stepEvent(
  step: number,
  update: AppliedUpdate,
  { groups, gradientNorms }: TrainPlan,
): StepEvent {
  const { lr, momentum, loss, gradientNorm } = update;
  return {
    kind: "step",
    step,
    lr: shortestFloat32(lr),
    momentum: shortestFloat32(momentum),
    loss: shortestFloat32(loss),
    ...(groups && { groups: groups(step, lr).map((rate) => rate === null ? null : shortestFloat32(rate)) }),
    ...(gradientNorms && gradientNorm !== undefined && { gradient_norm: shortestFloat32(gradientNorm) }),
  };
}

/** The way in which a loss (nats) diverged, as the end of a sentence; `null` where it did not. */
export function divergence(loss: number): string | null {
  if (Number.isNaN(loss)) return "became NaN";
  if (!Number.isFinite(loss)) return "became infinite";
  return loss > DIVERGENCE_LOSS ? `rose to ${loss.toPrecision(3)}, beyond ${DIVERGENCE_LOSS}` : null;
}
