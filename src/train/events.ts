/** What happens in a run, in order. One line of `events.jsonl` each. */
export type TrainEvent =
  | StepEvent
  | EvalEvent
  | { readonly kind: "restart"; readonly step: number; readonly cycle: number }
  | { readonly kind: "snapshot"; readonly step: number; readonly cycle: number; readonly path: string }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string }
  | ProbeEvent
  | PathEvent
  | SharpnessEvent
  | EndedEvent;

/** One step: `lr` and `momentum` are those that the update applied, read back from the device. */
export interface StepEvent {
  readonly kind: "step";
  /** Zero-based number of the update. */
  readonly step: number;
  readonly lr: number;
  readonly momentum: number;
  /** Mean cross-entropy (nats) of the batch, before the update. */
  readonly loss: number;
  /** Rate of each parameter group; `null` where it was frozen. Absent without groups. */
  readonly groups?: readonly (number | null)[];
  /** Global norm of the gradient before clipping, where the plan asks for it. */
  readonly gradient_norm?: number;
}

/** What a step did, measured around it. Norms are global, over all trainable parameters. */
export interface ProbeEvent {
  readonly kind: "probe";
  /** The update that was measured. */
  readonly step: number;
  /** Before clipping. */
  readonly gradient_norm: number;
  /** Of the weights before the update. */
  readonly weight_norm: number;
  /** Of the change of the weights. */
  readonly update_norm: number;
  /** Adam, RMSProp: root mean square over parameters of the bias-corrected √v, after the update; else `null`. */
  readonly second_moment: number | null;
  /** Root mean square of the weights' change divided by the rate: 1 where Adam moves every weight by a full rate. */
  readonly step_rms: number;
  /** Adam, RMSProp: share of components whose change is more than 0.9 of the rate; else `null`. */
  readonly saturated: number | null;
}

/**
 * Loss along the straight line between the weights at the ends of two cycles, or between those that a run went on from
 * (`start`) and those that it ended with (`end`), on validation data.
 */
export interface PathEvent {
  readonly kind: "path";
  readonly step: number;
  /** Cycle numbers, or the run's own ends. */
  readonly from: number | "start";
  readonly to: number | "end";
  /** Euclidean distance of the two, and the same as a share of the norm of the first. */
  readonly distance: number;
  readonly relative_distance: number;
  /** 0 … 1. */
  readonly positions: readonly number[];
  /** Validation loss (nats) at each position; batch-norm statistics re-estimated at each. */
  readonly losses: readonly number[];
}

/** How the validation loss rises around the weights at a cycle's end, under random changes of a fixed relative size. */
export interface SharpnessEvent {
  readonly kind: "sharpness";
  readonly step: number;
  readonly cycle: number;
  /** Norm of the change as a share of the norm of each kernel. */
  readonly radius: number;
  readonly loss: number;
  /** Rise of the loss (nats) for each direction. */
  readonly rises: readonly number[];
}

/** A pass over a held-out split after `step` steps. */
export interface EvalEvent {
  readonly kind: "eval";
  /** Steps applied so far. */
  readonly step: number;
  /** Epochs done so far; a fraction where the evaluation falls inside an epoch. */
  readonly epoch: number;
  readonly split: "validation" | "test";
  /** Which weights: absent for those in training, else an average's name (`ema`, `swa`, `cycle 2`). */
  readonly weights?: string;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of images classified correctly, 0 … 1. */
  readonly accuracy: number;
}

export interface EndedEvent {
  readonly kind: "ended";
  /** Steps applied. */
  readonly step: number;
  readonly reason: "budget" | "diverged" | "stopped";
  /** One sentence; why, where the reason is not `budget`. */
  readonly detail: string | null;
  /** Wall time of training steps alone, in milliseconds per step; `null` where none was applied. */
  readonly ms_per_step: number | null;
}
