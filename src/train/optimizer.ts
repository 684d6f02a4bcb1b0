import type { ScheduleSpec } from "#schedules/schedule.ts";

/** An optimizer's constants; rate and momentum come with every step. Keys are PyTorch's. */
export type OptimizerSpec = SgdSpec | AdamSpec | RmspropSpec;

/** torch.optim.SGD without dampening. */
export interface SgdSpec extends OptimizerCommon {
  readonly name: "sgd";
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** torch.optim.Adam (weight decay added to the gradient) and AdamW (taken off the weights, times the rate). */
export interface AdamSpec extends OptimizerCommon {
  readonly name: "adam" | "adamw";
  /** The first is the momentum that a schedule may move. */
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/** torch.optim.RMSprop, not centred. */
export interface RmspropSpec extends OptimizerCommon {
  readonly name: "rmsprop";
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
}

export interface OptimizerCommon {
  /** SGD, Adam and RMSProp add it to the gradient times the weight, as PyTorch does; AdamW decouples it. For every
   * trainable parameter whose group does not say otherwise. */
  readonly weight_decay: number;
  /** Bound on the global norm of the mean gradient over all parameters that are not frozen, before weight decay;
   * `null` for none. As torch.nn.utils.clip_grad_norm_. */
  readonly clip_norm: number | null;
  /** Bound on each component of the gradient, before `clip_norm`; absent or `null` for none. */
  readonly clip_value?: number | null | undefined;
  /** Whether slots go back to zero at each warm restart. */
  readonly reset_at_restart?: boolean | undefined;
  /** A parameter belongs to the first group whose pattern fits its name, or to none. */
  readonly groups?: readonly ParameterGroup[] | undefined;
}

export interface ParameterGroup {
  /** A parameter's name, with `*` for any characters: `conv1/*`, `norm*`, `*bias`. */
  readonly match: string;
  /** Multiplies the schedule's rate; absent is 1. */
  readonly lr_factor?: number | undefined;
  /** A schedule of its own instead of the run's; `lr_factor` applies to it too. */
  readonly schedule?: ScheduleSpec | null | undefined;
  readonly weight_decay?: number | null | undefined;
  /** A duration from the run's start until which the group is frozen: no gradient, no decay, no slot moves. */
  readonly frozen_until?: string | null | undefined;
  /** A duration from the run's start from which on it is frozen. */
  readonly frozen_from?: string | null | undefined;
}

/** The momentum (SGD, RMSProp) or first beta (Adam) that steps take where no schedule moves it. */
export function momentumOf(optimizer: OptimizerSpec): number {
  return "betas" in optimizer ? optimizer.betas[0] : optimizer.momentum;
}
