import type { Split } from "./data.ts";

/**
 * A batch as a plan: which training images, and how each is moved. Learners gather, shift, flip and normalise on
 * their own device, so the plan is the same on all of them.
 */
export interface Batch {
  /** `[size]`, numbers of training images. */
  readonly indices: Uint32Array;
  /** `[size]`, pixels that the image is shifted right and down; what comes in is zero after normalisation's shift
   * (the padding is the mean colour: zero in normalised units). Zero without augmentation. */
  readonly shiftX: Int8Array;
  readonly shiftY: Int8Array;
  /** `[size]`, 1 where the image is mirrored left to right (before it is shifted). */
  readonly flip: Uint8Array;
}

/** What a schedule decides for one update. */
export interface Controls {
  readonly lr: number;
  readonly momentum: number;
}

/** One update as the device applied it: `lr` and `momentum` are read back, so they carry 32-bit rounding. */
export interface AppliedUpdate {
  readonly lr: number;
  readonly momentum: number;
  /** Mean cross-entropy (nats) over the batch before the update. */
  readonly loss: number;
}

export interface Evaluation {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of images classified correctly, 0 … 1. */
  readonly accuracy: number;
  readonly count: number;
}

/** A tensor off the device. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights, batch-norm statistics and optimizer slots by name: `conv1/kernel`, `conv1/kernel/momentum`. */
export type LearnerState = Readonly<Record<string, HostTensor>>;

/** The optimizer's constants; rate and momentum come with every update. */
export interface OptimizerSpec {
  readonly name: "sgd";
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient times the weight, as torch.optim.SGD does, for every trainable parameter. */
  readonly weight_decay: number;
  /** Bound on the global norm of the gradient, before weight decay; `null` for none. */
  readonly clip_norm: number | null;
}

/** A model in training on a device. The training loop knows nothing else of devices. */
export interface Learner extends Disposable {
  /** Queues one update; returns before the device is done where the device allows it. */
  update(batch: Batch, controls: Controls): void;
  /** The updates queued since the last call, in order, once the device has done them. */
  losses(): Promise<readonly AppliedUpdate[]>;
  /** Loss and accuracy over a whole split, without augmentation, in inference mode. */
  evaluate(split: Split): Promise<Evaluation>;
  save(): Promise<LearnerState>;
  load(state: LearnerState): Promise<void>;
}
