import type { RunPlan, RunRecord } from "#results/run.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { TrainEvent } from "#train/events.ts";

/** A record with the plan's own rates whose validation accuracy rises linearly to `final`: what a run might have told. */
export function record(plan: RunPlan, final: number, reason: "budget" | "diverged" = "budget"): RunRecord {
  const last = reason === "budget" ? plan.total_steps : 15;
  const events: TrainEvent[] = [];
  const shape = { totalSteps: plan.total_steps, stepsPerEpoch: plan.steps_per_epoch };
  const schedule = buildSchedule(plan.schedule, shape);
  for (let step = 0; step < last; step++) {
    const cycle = schedule.cycles?.(step);
    if (cycle?.isRestart) events.push({ kind: "restart", step, cycle: cycle.cycle });
    events.push({ kind: "step", step, lr: schedule.lr(step), momentum: 0.9, loss: 2 - step / last });
    if ((step + 1) % plan.eval_every === 0) {
      const share = (step + 1) / plan.total_steps;
      events.push({
        kind: "eval",
        step: step + 1,
        epoch: share,
        split: "validation",
        loss: 1,
        accuracy: final * share,
      });
    }
  }
  if (plan.read_test && reason === "budget") {
    events.push({ kind: "eval", step: last, epoch: 10, split: "test", loss: 1, accuracy: final - 0.01 });
  }
  events.push({ kind: "ended", step: last, reason, detail: null, ms_per_step: 1 });
  return { plan, provenance: {} as never, events };
}
