import { shortestFloat32 } from "#lib/float32.ts";
import type { StepEvent } from "./events.ts";
import type { AppliedComponent, AppliedUpdate, Evaluation } from "./learner.ts";
import type { TrainPlan } from "./plan.ts";

/** A mean loss (nats) beyond this ends a run as diverged: guessing among ten classes costs 2.3. */
export const DIVERGENCE_LOSS = 50;

/** The event of a step, its numbers as short as 32 bits allow. */
export function stepEvent(
  step: number,
  update: AppliedUpdate,
  { groups, gradientNorms }: TrainPlan,
): StepEvent {
  const { lr, momentum, loss, gradientNorm, components } = update;
  return {
    kind: "step",
    step,
    lr: shortestFloat32(lr),
    momentum: shortestFloat32(momentum),
    loss: shortestFloat32(loss),
    ...(groups && { groups: groups(step, lr).map((rate) => rate === null ? null : shortestFloat32(rate)) }),
    ...(components && { loss_components: components.map(componentEvent) }),
    ...(gradientNorms && gradientNorm !== undefined && { gradient_norm: shortestFloat32(gradientNorm) }),
  };
}

function componentEvent({ name, weight, loss }: AppliedComponent) {
  // NaN is written as null.
  return { name, weight, loss: loss === null ? NaN : shortestFloat32(loss) };
}

/** The figures of an evaluation that its event has. */
export function evaluationFigures({ loss, accuracy, segmentation, text }: Evaluation) {
  return { loss, accuracy, ...(segmentation && { segmentation }), ...(text && { text }) };
}

/**
 * The way in which a loss diverged, as the end of a sentence; `null` where it did not.
 *
 * @param most the largest loss that is none.
 */
export function divergence(loss: number, most = DIVERGENCE_LOSS): string | null {
  if (Number.isNaN(loss)) return "became NaN";
  if (!Number.isFinite(loss)) return "became infinite";
  return loss > most ? `rose to ${loss.toPrecision(3)}, beyond ${most}` : null;
}
