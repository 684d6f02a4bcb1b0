import type { BuiltSchedule } from "#schedules/schedule.ts";
import type { AveragePlan } from "./averages.ts";
import type { UpdateStatistics } from "./update_statistics.ts";
import type { HessianPlan } from "./hessian.ts";
import type { GroupRates } from "./groups.ts";
import type { Batch, LearnerState } from "./learner.ts";
import type { LossWeights } from "./loss_weights/loss_weights.ts";
import type { MaskExamplesPlan } from "./mask_examples/moments.ts";
import type { Weights } from "./trainer_state.ts";

export interface TrainPlan {
  /** The step at which the run ends; steps are counted from the first run of the lineage. */
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
  /** Weights of the components of the loss at each step, in its order; absent: the loss's own. */
  readonly lossWeights?: LossWeights;
  /** The largest training loss that has not diverged; absent is `DIVERGENCE_LOSS`, in nats. Of a weighted sum, with the weights. */
  readonly divergenceLoss?: number;
  /** True: the optimizer's slots go back to zero at each restart. */
  readonly resetAtRestart?: boolean;
  /** The batches of an epoch, in order. */
  readonly batches: (epoch: number) => Iterable<Batch>;
  /** Steps between evaluations on validation data; the last step is always followed by one. */
  readonly evalEvery: number;
  /** True: the test split is read, once, after the last step. */
  readonly readTest: boolean;
  /** Names of the model's parameters, for what is made of weights below. */
  readonly network: Network;
  /** The parameters that the model is judged by, from a state, where the optimizer trains others. Absent: those in training. */
  readonly judged?: (state: LearnerState) => Weights;
  readonly averages?: readonly AveragePlan[];
  /** Weights are retained at each cycle's end, the newest `limit` of them. */
  readonly snapshots?: { readonly limit: number };
  /** Steps from the first on whose update statistics are measured, every so many of them. */
  readonly probe?: UpdateStatistics & { readonly steps: number; readonly every: number };
  /** Absent: the Hessian is not looked at. */
  readonly hessian?: HessianPlan;
  /** True: step events carry the norm of their gradient; the learner must have been asked to measure it. */
  readonly gradientNorms?: boolean;
  /** True: the predictions of each model for the held-out images are saved. */
  readonly predictions?: boolean;
  /** Absent: no predicted masks are kept. */
  readonly maskExamples?: MaskExamplesPlan;
  /**
   * Absent: no loss barriers. Else the loss along linear paths between snapshots, their sharpness, and the path from the
   * parent run's end to this run's own are measured; `seed` is that of the random directions.
   */
  readonly forensics?: { readonly seed: number };
  /** Batches that batch norm's statistics are estimated from again, for weights that were never trained with. */
  readonly statistics?: () => Iterable<Batch>;
  /** True: the state at the end is saved, for runs that start from it. */
  readonly saveEnd?: boolean;
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
