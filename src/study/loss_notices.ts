import { type RunPlan, scheduleHorizon } from "#spec/run_plan.ts";
import { isAdaptive, type StagedLossSpec } from "#train/loss.ts";
import { stepOf } from "#train/loss_weights/loss_weights.ts";

/** For each arm whose loss has stages that its runs end before, a sentence with the first of them. */
export function lossNotices(plans: readonly RunPlan[]): string[] {
  const first = new Map(plans.map((plan) => [plan.arm, plan]));
  return [...first.values()].flatMap((plan) => unreachedStage(plan) ?? []);
}

function unreachedStage(plan: RunPlan): string | null {
  const { arm, loss, total_steps } = plan;
  if (!loss || !isAdaptive(loss) || loss.name === "adaptive_dynamic_hybrid") return null;
  const { origin, shape } = scheduleHorizon(plan);
  const end = total_steps - origin;
  const late = startsOf(loss)
    .map(({ key, duration, times }) => ({ key, step: times * stepOf(duration, shape) }))
    .find(({ step }) => step >= end);
  return late === undefined
    ? null
    : `Arm ${
      JSON.stringify(arm)
    }: ${late.key} of ${loss.name} comes to step ${late.step}, and the run ends at step ` +
      `${end}: what begins there is never trained with`;
}

/** Durations after which stages begin, in their order. */
function startsOf(loss: StagedLossSpec): { key: string; duration: string; times: number }[] {
  switch (loss.name) {
    case "adaptive_structure_boundary":
      return [
        { key: "schedule_start_epoch", duration: loss.schedule_start_epoch, times: 1 },
        { key: "boundary_epochs", duration: loss.boundary_epochs, times: 1 },
      ];
    case "adaptive_progressive_hybrid":
      return [
        { key: "schedule_start_epoch", duration: loss.schedule_start_epoch, times: 1 },
        { key: "structure_epochs", duration: loss.structure_epochs, times: 1 },
        { key: "boundary_epochs", duration: loss.boundary_epochs, times: 1 },
      ];
    case "adaptive_complexity_cascade":
      return loss.components.slice(1).map((_, index) => ({
        key: `stage ${index + 2} by stage_epochs`,
        duration: loss.stage_epochs,
        times: index + 1,
      }));
  }
}
