import type { SafeTensor } from "#lib/safetensors.ts";
import type { HostTensor, LearnerState } from "./learner.ts";

/** Parameters of a model by name: `conv1/kernel`, `norm1/moving_mean`. */
export type Weights = Readonly<Record<string, HostTensor>>;

/** Weights that a run retains until its end, by name: `snapshot/2`, `cycle/2`, `start`. */
export type Retained = ReadonlyMap<string, Weights>;

/** A run between two steps: all that it needs to continue as if it had never stopped. A checkpoint file holds one. */
export interface TrainingCheckpoint {
  /** Steps done, those before the run's own first one included. */
  readonly step: number;
  readonly state: LearnerState;
  /** State of a schedule that watches evaluations; else `undefined`. Plain data. */
  readonly feedback: unknown;
  readonly trainer: TrainerState;
  readonly retained: Retained;
}

/** Bookkeeping of the training loop, beside the learner's state: plain data. */
export interface TrainerState {
  /** Times that each average has taken the weights; those of cycles count from their cycle's start. */
  readonly averaged: Readonly<Record<string, number>>;
  /** State of weights of the loss that watch evaluations; absent where none do. */
  readonly loss_weights?: unknown;
  /** Wall time of training steps alone. */
  readonly busy_ms: number;
}

/** A file that a run leaves beside its events. */
export type Artifact =
  /** A state to start from: after a stop or a crash (`checkpoint`), or in another run (`end`). */
  | { readonly kind: "save"; readonly name: "checkpoint" | "end"; readonly checkpoint: TrainingCheckpoint }
  /** `snapshots/cycle-2`, `predictions`, `masks/step-40`. */
  | {
    readonly kind: "save";
    readonly name: string;
    readonly tensors: Readonly<Record<string, SafeTensor>>;
    readonly metadata?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "delete"; readonly name: string };
