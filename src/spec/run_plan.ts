import type { AveragePlan } from "#train/averages.ts";
import type { Augmentation } from "#train/batches.ts";
import type { LossSpec } from "#train/loss.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

export type { AveragePlan };

export interface DatasetRequest {
  readonly name: string;
  /** Training and validation images; `null` takes what the data set has. */
  readonly train: number | null;
  readonly validation: number | null;
  readonly test: number | null;
  readonly augment: readonly Augmentation[];
}

/** What a run goes on from: the end of another run, or a file. */
export type StartPlan =
  | { readonly kind: "run"; readonly plan: RunPlan }
  /** `digest`: SHA-256 (hex) of the file, so that the run is known by what it starts from. */
  | { readonly kind: "file"; readonly path: string; readonly digest: string };

/**
 * One run, complete: everything that decides its numbers except the device. Plain data. Optional parts are absent
 * where they are not used, so that a plan keeps its key when the lab learns something new.
 */
export interface RunPlan {
  /** Folder name, unique in the experiment: `<arm>-<seed>`, `<arm>-<seed>-<member>`. */
  readonly id: string;
  readonly role: "tune" | "arm" | "sweep";
  readonly arm: string;
  /** Decides initial weights, the order of images, and augmentation. */
  readonly seed: number;
  /** For arms of several independent models: the seed that their runs stand for, and which of them this is. */
  readonly member?: { readonly of: number; readonly index: number };
  readonly dataset: DatasetRequest;
  readonly model: string;
  readonly optimizer: OptimizerSpec;
  /** Absent: plain cross-entropy. */
  readonly loss?: LossSpec;
  readonly schedule: ScheduleSpec;
  /** Images that go through the network at a time. */
  readonly batch_size: number;
  /** Batches of that size in a step; absent is 1. */
  readonly accumulate?: number;
  /** The update at which it ends: the number of steps in all, those before {@link start} included. */
  readonly total_steps: number;
  /** Update at which it begins, where it goes on from another; absent is 0. Absolute, as all steps are. */
  readonly first_step?: number;
  /**
   * The schedule's own time: its update 0 is `origin`, and percentages are of `total_steps`. Absent: origin is
   * `first_step`, total is the rest of the run.
   */
  readonly clock?: { readonly origin: number; readonly total_steps: number };
  readonly start?: StartPlan;
  readonly steps_per_epoch: number;
  /** Steps between evaluations on validation data. */
  readonly eval_every: number;
  /** Whether the test split is read, once, after the last step. */
  readonly read_test: boolean;
  readonly averages?: readonly AveragePlan[];
  /** Weights are kept at the last step of each cycle, the newest `limit` of them. */
  readonly snapshots?: { readonly limit: number };
  /** Steps that are measured closely, from the first on. */
  readonly probe?: { readonly steps: number; readonly every: number };
  /** Whether every step tells the norm of its gradient. */
  readonly gradient_norms?: boolean;
  /** Whether what the final weights, snapshots and averages predict for validation and test images is kept. */
  readonly predictions?: boolean;
  /** Whether paths between snapshots, from start to end, and their sharpness are measured after the last step. */
  readonly forensics?: boolean;
  /** Whether the state at the end is kept, for runs that go on from it. No part of the run's key. */
  readonly keep_end?: boolean;
  /**
   * The ramp of a learning-rate range test: it ends where the loss diverges, and nothing is evaluated. `smoothing` is
   * the weight of the past in the smoothed loss that divergence is judged by. Absent: a training run.
   */
  readonly lr_range?: { readonly smoothing: number };
}

/** Epochs that a run and those before it have done at its end; their batches may differ in size. */
export function epochsAtEnd(plan: RunPlan): number {
  return epochsBefore(plan) + (plan.total_steps - (plan.first_step ?? 0)) / plan.steps_per_epoch;
}

/** Epochs done before a run's first step; after a file, which does not tell, in epochs of the run's own. */
export function epochsBefore({ start, first_step = 0, steps_per_epoch }: RunPlan): number {
  return start?.kind === "run" ? epochsAtEnd(start.plan) : first_step / steps_per_epoch;
}

/** Steps and epochs of the schedule's own time, and the run's update at which it is 0. */
export function clockOf({ clock, first_step = 0, total_steps, steps_per_epoch }: RunPlan) {
  const { origin, total_steps: totalSteps } = clock ??
    { origin: first_step, total_steps: total_steps - first_step };
  return { origin, shape: { totalSteps, stepsPerEpoch: steps_per_epoch } };
}
