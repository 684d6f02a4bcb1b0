import { fillLabels } from "#train/batches.ts";
import type { Split } from "#train/data.ts";
import type { AppliedComponent, Batch, Controls, Evaluation } from "#train/learner.ts";
import { CROSS_ENTROPY, hasMovingWeights, type LossSpec } from "#train/loss.ts";
import type { ImageSize } from "#train/losses/entry.ts";
import {
  createSegmentationLoss,
  type SegmentationLoss,
  weightedSum,
} from "#train/losses/segmentation_loss.ts";
import { predictedClasses } from "#train/segmentation/predicted_classes.ts";
import { createTally, scoresOf, scoreSums, type ScoreTally } from "#train/segmentation/scores.ts";
import type { LearnerOptions } from "./device.ts";
import type { ActivationShape } from "./layers/entry.ts";
import type { Model } from "./model.ts";
import { outputShape } from "./parameters.ts";

/** `[height, width, classes]` of the logits of an image's pixels or a text's tokens; `null` for a network that classifies. */
export function segmentedSize({ layers, input }: Model): ImageSize | null {
  const shape = layers.reduce((shape: ActivationShape, layer) => outputShape(layer, shape), input);
  const [height, width, classes] = shape;
  return height === undefined || width === undefined || classes === undefined
    ? null
    : [height, width, classes];
}

/** Logits of one image, of whichever task. */
export function logitsPerImage(model: Model): number {
  return (segmentedSize(model) ?? [1, 1, model.classes]).reduce((product, size) => product * size, 1);
}

/** Evaluation's sums begin with the loss and the hits. */
const LOSS = 0, HITS = 1, SCORES = 2;

/**
 * Losses and figures of images with masks, as every device has them: computed by the host from logits, in 64 bits, image
 * by image, so that a share of a batch may be on any thread.
 */
export class MaskLosses {
  readonly size: ImageSize;
  readonly #data: LearnerOptions["data"];
  readonly #loss: LossSpec;
  readonly #training: SegmentationLoss;
  readonly #evaluation: SegmentationLoss;
  readonly #tally: ScoreTally;
  /** `[images, height, width]` */
  readonly #labels: Uint8Array;
  readonly #predicted: Uint8Array;

  /** `images`: the most that are taken at a time. */
  constructor({ data, loss = CROSS_ENTROPY }: LearnerOptions, size: ImageSize, images: number) {
    this.size = size;
    this.#data = data;
    this.#loss = loss;
    this.#training = createSegmentationLoss(loss, size);
    this.#evaluation = createSegmentationLoss(CROSS_ENTROPY, size);
    this.#tally = createTally(size);
    this.#predicted = new Uint8Array(this.#pixels);
    this.#labels = new Uint8Array(images * this.#pixels);
  }

  /** Numbers in the longest sums, of a step or of an evaluation. */
  get sums(): number {
    return Math.max(this.#training.names.length, SCORES + scoreSums(this.size[2]));
  }

  /**
   * The weights of the loss's components at a step.
   *
   * @throws {RangeError} for weights of another number of components, ones that are no finite numbers, or none where those
   * of the loss change over a run.
   */
  weights(
    { lossWeights }: { readonly lossWeights?: Controls["lossWeights"] | undefined },
  ): readonly number[] {
    const { names, weights } = this.#training;
    if (lossWeights === undefined) {
      if (!hasMovingWeights(this.#loss)) return weights;
      throw new RangeError(
        `Cannot train with ${this.#loss.name} without the step's weights: they change over the run`,
      );
    }
    if (lossWeights.length !== names.length || !lossWeights.every(Number.isFinite)) {
      throw new RangeError(
        `Cannot weight the loss by [${lossWeights.join(", ")}]: expected a finite number for each of ${
          names.join(", ")
        }`,
      );
    }
    return lossWeights;
  }

  /**
   * Losses of training images by component, summed over the images and without their weights.
   *
   * @param logits `[images, height, width, classes]`
   * @param gradient set to the gradient of the weighted sum times `scale`, for the logits.
   */
  step(
    batch: Batch,
    logits: Float32Array | Float64Array,
    weights: readonly number[],
    gradient: Float32Array | Float64Array,
    scale: number,
  ): Float64Array {
    const sums = new Float64Array(this.#training.names.length);
    const images = batch.indices.length;
    const labels = this.#labelsOf("train", batch);
    this.#training.add({ images, logits, labels }, weights, sums, { gradient, scale });
    return sums;
  }

  /** The loss of a step of `images` images from its sums, and its components where the loss has several. */
  applied(
    sums: ArrayLike<number>,
    weights: readonly number[],
    images: number,
  ): { readonly loss: number; readonly components?: readonly AppliedComponent[] } {
    const loss = weightedSum(sums, weights, images);
    if (!("components" in this.#loss)) return { loss };
    const components = this.#training.names.map((name, index) => {
      const weight = weights[index]!;
      return { name, weight, loss: weight === 0 ? null : sums[index]! / images };
    });
    return { loss, components };
  }

  /** Sums of an evaluation, all 0. */
  emptySums(): Float64Array {
    return new Float64Array(SCORES + scoreSums(this.size[2]));
  }

  /** Adds cross-entropy, hits and scores of some images of a split to the sums of an evaluation. */
  judge(split: Split, batch: Batch, logits: Float32Array | Float64Array, sums: Float64Array): void {
    const images = batch.indices.length;
    const labels = this.#labelsOf(split, batch);
    this.#evaluation.add({ images, logits, labels }, [1], sums.subarray(LOSS, LOSS + 1), null);
    const scores = sums.subarray(SCORES);
    for (let image = 0; image < images; image++) {
      const [from, to] = [image * this.#pixels, (image + 1) * this.#pixels];
      const actual = labels.subarray(from, to);
      const own = logits.subarray(from * this.size[2], to * this.size[2]);
      predictedClasses(own, this.size[2], this.#predicted);
      for (let pixel = 0; pixel < this.#pixels; pixel++) {
        if (this.#predicted[pixel] === actual[pixel]) sums[HITS]!++;
      }
      this.#tally.add(this.#predicted, actual, scores);
    }
  }

  /** The evaluation of `count` images from its sums. */
  evaluation(sums: Float64Array, count: number): Evaluation {
    return {
      loss: sums[LOSS]! / count,
      accuracy: sums[HITS]! / (count * this.#pixels),
      count,
      segmentation: scoresOf(sums.subarray(SCORES)),
    };
  }

  get #pixels(): number {
    return this.size[0] * this.size[1];
  }

  #labelsOf(split: Split, batch: Batch): Uint8Array {
    const labels = this.#labels.subarray(0, batch.indices.length * this.#pixels);
    fillLabels(this.#data, this.#data[split], batch, labels);
    return labels;
  }
}

/** True where the host computes the losses, of masks; those of images and tokens are the device's. */
export function hasHostLosses({ data, model }: Pick<LearnerOptions, "data" | "model">): boolean {
  return data.labelUnit === "pixel" && segmentedSize(model) !== null;
}

/** The losses of a learner's images with masks; `null` where they are the device's. */
export function maskLosses(options: LearnerOptions, images: number): MaskLosses | null {
  return hasHostLosses(options) ? new MaskLosses(options, segmentedSize(options.model)!, images) : null;
}
