import type { BuiltSchedule } from "#schedules/schedule.ts";
import type { AveragePlan } from "./averages.ts";
import type { UpdateStatistics } from "./update_statistics.ts";
import type { GroupRates } from "./groups.ts";
import type { Batch } from "./learner.ts";

export interface TrainPlan {
  /** The update at which the run ends; steps are counted from the beginning of a chain of runs. */
  readonly totalSteps: number;
  /** The run's first step; absent is 0. */
  readonly firstStep?: number;
  readonly stepsPerEpoch: number;
  /** Epochs done before the first step; absent is 0. The run begins with a whole epoch of its own. */
  readonly epochsBefore?: number;
  /** In absolute steps. */
  readonly schedule: BuiltSchedule;
  /** The optimizer's own momentum, where the schedule does not move it. */
  readonly momentum: number;
  /** Absent: no parameter groups. */
  readonly groups?: GroupRates;
  /** Whether the optimizer's slots go back to zero at each restart. */
  readonly resetAtRestart?: boolean;
  /** The batches of an epoch, in order. */
  readonly batches: (epoch: number) => Iterable<Batch>;
  /** Steps between evaluations on validation data; the last step is always followed by one. */
  readonly evalEvery: number;
  /** Whether the test split is read, once, after the last step. */
  readonly readTest: boolean;
  /** Names of the model's parameters, for what is made of weights below. */
  readonly network: Network;
  readonly averages?: readonly AveragePlan[];
  /** Weights are kept at each cycle's end, the newest `limit` of them. */
  readonly snapshots?: { readonly limit: number };
  /** Steps from the first on that are measured closely, every so many of them. */
  readonly probe?: UpdateStatistics & { readonly steps: number; readonly every: number };
  /** Whether step events tell the norm of their gradient; the learner must have been asked to measure it. */
  readonly gradientNorms?: boolean;
  /** Whether what each model predicts for the held-out images is kept. */
  readonly predictions?: boolean;
  /**
   * Whether paths between snapshots and their sharpness are measured, and the path from what the run went on from to
   * its end; the seed of its random directions.
   */
  readonly forensics?: { readonly seed: number };
  /** Batches that batch norm's statistics are estimated from again, for weights that were never trained with. */
  readonly statistics?: () => Iterable<Batch>;
  /** Whether the state at the end is kept, for runs that go on from it. */
  readonly keepEnd?: boolean;
}

export interface Network {
  /** Parameters that are trained. */
  readonly trainable: readonly string[];
  /** These and batch norm's statistics. */
  readonly all: readonly string[];
  readonly classes: number;
}

export interface TrainContext {
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  /** Asked before each step; true ends the run as `stopped`. */
  readonly shouldStop: () => boolean;
  /** Asked before each step, with its number; true asks for a checkpoint after it. It changes no number of the run. */
  readonly shouldSave?: (step: number) => boolean;
}
