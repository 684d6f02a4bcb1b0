import type { BuildContext } from "#schedules/entry.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import { printPath } from "#spec/path.ts";
import { placedSchedules, type RunPlan, scheduleHorizon } from "#spec/run_plan.ts";

/** The reason that one of a plan's schedules, or its loss, does not fit its run, with the arm's name; `null` where all fit. */
export function scheduleProblem(plan: RunPlan, context: BuildContext): string | null {
  const { shape } = scheduleHorizon(plan);
  const arm = `Arm ${
    JSON.stringify(plan.arm)
  } in a run of ${shape.totalSteps} steps, ${shape.stepsPerEpoch} an epoch`;
  for (const { kind, place, schedule } of placedSchedules(plan)) {
    const [problem] = checkSchedule(schedule, shape, context);
    if (problem) return `${arm}: ${printPath([place, ...problem.path])}: ${problem.message}`;
    const { feedback } = buildSchedule(schedule, shape, context);
    if (feedback && kind === "own" && plan.clock) {
      return `${arm}: ${schedule.name} waits for evaluations and begins anew in a child run: expected append`;
    }
    if (feedback && kind !== "own") {
      const other = kind === "weight" ? "; of losses, adaptive_dynamic_hybrid does" : "";
      return `${arm}: ${place}: ${schedule.name} waits for evaluations; only the arm's own schedule can${other}`;
    }
  }
  if (plan.clock && plan.loss?.name === "adaptive_dynamic_hybrid") {
    return `${arm}: ${plan.loss.name} waits for evaluations and begins anew in a child run: expected append`;
  }
  return null;
}
