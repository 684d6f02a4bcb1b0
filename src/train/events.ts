/** What happens in a run, in order. One line of `events.jsonl` each. */
export type TrainEvent =
  | StepEvent
  | EvalEvent
  | { readonly kind: "restart"; readonly step: number; readonly cycle: number }
  | { readonly kind: "snapshot"; readonly step: number; readonly cycle: number; readonly path: string }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string }
  | EndedEvent;

/** One update: `lr` and `momentum` are those that the update applied, read back from the device. */
export interface StepEvent {
  readonly kind: "step";
  /** Zero-based number of the update. */
  readonly step: number;
  readonly lr: number;
  readonly momentum: number;
  /** Mean cross-entropy (nats) of the batch, before the update. */
  readonly loss: number;
}

/** A pass over a held-out split after `step` updates. */
export interface EvalEvent {
  readonly kind: "eval";
  /** Updates applied so far. */
  readonly step: number;
  /** Epochs done so far; a fraction where the evaluation falls inside an epoch. */
  readonly epoch: number;
  readonly split: "validation" | "test";
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of images classified correctly, 0 … 1. */
  readonly accuracy: number;
}

export interface EndedEvent {
  readonly kind: "ended";
  /** Updates applied. */
  readonly step: number;
  readonly reason: "budget" | "diverged" | "stopped";
  /** One sentence; why, where the reason is not `budget`. */
  readonly detail: string | null;
  /** Wall time of training updates alone, in milliseconds per update; `null` where none was applied. */
  readonly ms_per_step: number | null;
}
