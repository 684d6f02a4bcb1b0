import type { Augmentation } from "#train/batches.ts";
import type { OptimizerSpec } from "#train/learner.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

export interface DatasetRequest {
  readonly name: string;
  /** Training and validation images; `null` takes what the data set has. */
  readonly train: number | null;
  readonly validation: number | null;
  readonly test: number | null;
  readonly augment: readonly Augmentation[];
}

/** One run, complete: everything that decides its numbers except the device. Plain data. */
export interface RunPlan {
  /** Folder name, unique in the experiment: `<arm>-<seed>`. */
  readonly id: string;
  readonly role: "tune" | "arm" | "sweep";
  readonly arm: string;
  readonly seed: number;
  readonly dataset: DatasetRequest;
  readonly model: string;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly batch_size: number;
  readonly total_steps: number;
  readonly steps_per_epoch: number;
  /** Updates between evaluations on validation data. */
  readonly eval_every: number;
  /** Whether the test split is read, once, after the last update. */
  readonly read_test: boolean;
}
