import type { Split } from "./data.ts";
import type { SegmentationScores } from "./segmentation/scores.ts";
import type { TextScores } from "./text_scores.ts";
import type { OptimizerSpec } from "./optimizer.ts";

export type { OptimizerSpec };

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

/** The values of one step that schedules decide. */
export interface Controls {
  /** Rate of every parameter that is in no group. */
  readonly lr: number;
  /** SGD's and RMSProp's momentum, Adam's first beta. */
  readonly momentum: number;
  /** The step's number, counted from the first run of the lineage. A model with dropout needs it: its masks are a function
   * of that, and of nothing that a checkpoint would have to hold. */
  readonly step?: number;
  /** The rate of each parameter group, in the optimizer's order; `null` freezes the group for this step. Absent:
   * all groups take `lr`. */
  readonly groups?: readonly (number | null)[];
  /** Weights of the components of a loss for images with masks, in its order; 0 leaves a component out. Absent: the
   * loss's own. */
  readonly lossWeights?: readonly number[];
}

/** A component of a weighted sum of losses at a step. */
export interface AppliedComponent {
  readonly name: string;
  readonly weight: number;
  /** Mean over the batch before the step, without the weight; `null` where that is 0 and nothing was computed. */
  readonly loss: number | null;
}

/** One step as the device applied it: `lr` and `momentum` are read back, so they carry 32-bit rounding. */
export interface AppliedUpdate {
  readonly lr: number;
  readonly momentum: number;
  /** Mean of the loss that is trained with (nats) over the batch before the update. */
  readonly loss: number;
  /** Global norm of the mean gradient of all parameters that are not frozen, before clipping and weight decay;
   * absent where the learner was not asked to measure it. */
  readonly gradientNorm?: number;
  /** Of a weighted sum of losses, in its order. */
  readonly components?: readonly AppliedComponent[];
}

export interface Evaluation {
  /** Mean cross-entropy in nats, whatever loss is trained with, over all that has a label: images, pixels or tokens. */
  readonly loss: number;
  /** Share of them whose class was the likeliest, 0 … 1. */
  readonly accuracy: number;
  /** Images, or windows of text. */
  readonly count: number;
  /** Of images with masks. */
  readonly segmentation?: SegmentationScores;
  /** Of text. */
  readonly text?: TextScores;
}

/** A tensor off the device. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Everything that a learner carries from one step to the next, by name: weights and batch-norm statistics
 * (`conv1/kernel`, `norm1/moving_mean`), the optimizer's slots (`conv1/kernel/momentum`, see `compute/state.ts`), how
 * many steps each group has had (`optimizer/steps`), and averages of the weights (`average/ema/conv1/kernel`).
 */
export type LearnerState = Readonly<Record<string, HostTensor>>;

/** The gradient of each trainable parameter, by its name, row-major. */
export type Gradients = Readonly<Record<string, ArrayLike<number>>>;

/** The least that trains: what the devices that check others have. */
export interface PlainLearner extends Disposable {
  /**
   * Queues one step; returns before the device is done where the device allows it. A batch of more images than the
   * learner was made for is taken in parts of that many, one after the other (batch norm sees each part alone), whose
   * gradients are accumulated to the mean over all images: one step. A promise is to be awaited before the next call: the
   * host computes the loss of images with masks, and a device may have to bring it the logits first.
   */
  update(batch: Batch, controls: Controls): void | Promise<void>;
  /** The steps queued since the last call, in order, once the device has done them. */
  losses(): Promise<readonly AppliedUpdate[]>;
  /** Loss and accuracy over a whole split, without augmentation, in inference mode. */
  evaluate(split: Split): Promise<Evaluation>;
  save(): Promise<LearnerState>;
  /** Slots, counts and averages that the state lacks become zero, zero, and the state's own weights. */
  load(state: LearnerState): Promise<void>;
}

/** A model in training on a device. The training loop knows nothing else of devices. Calls take effect in order. */
export interface Learner extends PlainLearner {
  /**
   * `[count, classes]`, of pixels and tokens `[count, height, width, classes]`: what goes into the softmax, for each
   * image of a split, in inference mode.
   *
   * @param images numbers of the images that are asked for, in their order; absent: all.
   */
  predict(split: Split, images?: readonly number[]): Promise<Float32Array>;
  /** Sets the optimizer's slots and counts of steps to zero, as before the first step. */
  resetOptimizer(): void;
  /**
   * Moves an average towards the weights: `average += share · (weights − average)`, over all trainable parameters.
   * A share of 1 takes the weights as they are.
   *
   * @throws {RangeError} for a name that the learner was not made with.
   */
  average(name: string, share: number): void;
  /**
   * A forward pass in training mode, but without dropout, that changes nothing but batch norm's statistics:
   * `moving = keep · moving + (1 − keep) · batch's`. With keep = n / (n + 1) for the n-th batch (from 0) they become
   * the mean over the batches.
   */
  estimateStatistics(batch: Batch, keep: number): void;
  /**
   * Gradients of the mean training loss over a batch at the weights as they are, in training mode, but without dropout.
   * A batch of more images than the learner was made for is taken in parts, as in `update`. Nothing changes but batch
   * norm's statistics, which move as in a step.
   *
   * @param lossWeights of the components of a loss for images with masks, as in {@link Controls}; absent: the loss's own.
   */
  gradients(batch: Batch, lossWeights?: Controls["lossWeights"]): Promise<Gradients>;
}
