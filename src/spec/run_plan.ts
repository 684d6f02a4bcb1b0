import type { z } from "zod";
import type { Frozen } from "#lib/frozen.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import type { AveragePlan } from "#train/averages.ts";
import type { datasetRequest, runPlanSchema } from "./run_plan_schema.ts";

export type { AveragePlan };

export type DatasetRequest = Frozen<z.output<typeof datasetRequest>>;

/**
 * One run, complete: everything that decides its numbers except the device. Plain data; {@link runPlanSchema} describes
 * its keys. The schema is imported as a type alone, so that a worker starts without it.
 */
export type RunPlan = Frozen<z.output<typeof runPlanSchema>>;

/** The end of another run, or a file, that a run starts from. */
export type StartPlan = NonNullable<RunPlan["start"]>;

/** A schedule of a plan, with its place for messages. */
export interface PlacedSchedule {
  readonly kind: "own" | "group" | "weight";
  readonly place: string;
  readonly schedule: ScheduleSpec;
}

/** Every schedule of a plan: its own, its parameter groups', and those that are weights in a sum of losses. */
export function placedSchedules({ schedule, optimizer, loss }: RunPlan): PlacedSchedule[] {
  const groups = (optimizer.groups ?? []).flatMap(({ schedule }) => schedule ?? []);
  const weights = loss?.name === "sum" ? loss.components : [];
  return [
    { kind: "own", place: "schedule", schedule },
    ...groups.map((schedule) => ({
      kind: "group" as const,
      place: "schedule of a parameter group",
      schedule,
    })),
    ...weights.flatMap(({ name, weight }) =>
      typeof weight === "number"
        ? []
        : { kind: "weight" as const, place: `weight of the loss ${name}`, schedule: weight }
    ),
  ];
}

/** The schedules of {@link placedSchedules}. */
export function schedulesOf(plan: RunPlan): ScheduleSpec[] {
  return placedSchedules(plan).map(({ schedule }) => schedule);
}

/** Epochs that a run and those before it have done at its end; their batches may differ in size. */
export function epochsAtEnd(plan: RunPlan): number {
  return epochsBefore(plan) + (plan.total_steps - (plan.first_step ?? 0)) / plan.steps_per_epoch;
}

/** Epochs done before a run's first step; after a file, which does not record them, in epochs of the run's own. */
export function epochsBefore({ start, first_step = 0, steps_per_epoch }: RunPlan): number {
  return start?.kind === "run" ? epochsAtEnd(start.plan) : first_step / steps_per_epoch;
}

/** Length of the schedule's own time in steps and epochs, and the run's step at which that time is 0. */
export function scheduleHorizon(
  { clock, first_step = 0, total_steps, steps_per_epoch, batch_size, accumulate = 1, dataset: { context } }:
    Pick<
      RunPlan,
      "clock" | "first_step" | "total_steps" | "steps_per_epoch" | "batch_size" | "accumulate" | "dataset"
    >,
) {
  const { origin, total_steps: totalSteps } = clock ??
    { origin: first_step, total_steps: total_steps - first_step };
  const samplesPerStep = batch_size * accumulate;
  return {
    origin,
    shape: {
      totalSteps,
      stepsPerEpoch: steps_per_epoch,
      samplesPerStep,
      // Only text has a context.
      ...(context !== undefined && { tokensPerStep: samplesPerStep * context }),
    },
  };
}
