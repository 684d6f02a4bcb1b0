import { permutation, random } from "#lib/prng.ts";
import { BACKGROUND, type PixelSet, type TrainingData } from "./data.ts";
import type { Batch } from "./learner.ts";

export type Augmentation = "crop" | "flip";

export interface BatchPlan {
  readonly seed: number;
  /** Training images. */
  readonly count: number;
  readonly batchSize: number;
  readonly augment: readonly Augmentation[];
}

/** Random crops come from an image padded by this many pixels on each side. */
const CROP_PADDING = 4;

/** Steps in an epoch; the last batch is smaller where `batchSize` does not divide `count`. */
export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/**
 * The batches of an epoch: a seeded permutation of the training images, each cropped (shifted by −4 … 4 pixels) and
 * flipped (probability 1/2) where `augment` says so. A pure function of plan and epoch, so runs with the same seed
 * see the same images in the same order whatever their schedule, and a run can start again at any epoch.
 */
export function* epochBatches(plan: BatchPlan, epoch: number): Generator<Batch> {
  const order = permutation(plan.count, random(plan.seed, "order", epoch));
  const source = random(plan.seed, "augment", epoch);
  const crop = plan.augment.includes("crop");
  const flipping = plan.augment.includes("flip");
  const shift = () => crop ? source.below(2 * CROP_PADDING + 1) - CROP_PADDING : 0;
  for (let start = 0; start < plan.count; start += plan.batchSize) {
    const indices = order.subarray(start, start + plan.batchSize);
    const shiftX = new Int8Array(indices.length);
    const shiftY = new Int8Array(indices.length);
    const flip = new Uint8Array(indices.length);
    for (let item = 0; item < indices.length; item++) {
      shiftX[item] = shift();
      shiftY[item] = shift();
      flip[item] = flipping && source.uniform() < 0.5 ? 1 : 0;
    }
    yield { indices, shiftX, shiftY, flip };
  }
}

/**
 * Gathers, flips, shifts and normalises a batch: the definition that every device's own version is tested against.
 * Pixel p of channel c becomes (p/255 − mean[c]) / std[c]; pixels from outside the image are 0 (the mean colour).
 *
 * @param into `[batch, height, width, channels]`, at least as long as the batch needs.
 */
export function fillBatch(data: TrainingData, batch: Batch, into: Float32Array): void {
  const [height, width, channels] = data.shape;
  const table = normalisation(data);
  const size = height * width * channels;
  for (let item = 0; item < batch.indices.length; item++) {
    const from = batch.indices[item]! * size;
    const to = item * size;
    const shiftX = batch.shiftX[item]!;
    const shiftY = batch.shiftY[item]!;
    const flip = batch.flip[item] === 1;
    for (let y = 0; y < height; y++) {
      const sourceY = y - shiftY;
      for (let x = 0; x < width; x++) {
        const shifted = x - shiftX;
        const sourceX = flip ? width - 1 - shifted : shifted;
        const inside = sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width;
        const pixel = from + (sourceY * width + sourceX) * channels;
        for (let channel = 0; channel < channels; channel++) {
          into[to + (y * width + x) * channels + channel] = inside
            ? table[channel * 256 + data.train.images[pixel + channel]!]!
            : 0;
        }
      }
    }
  }
}

/**
 * The labels of a batch: of images one each, of text one for each token, of images with masks one for each pixel, flipped
 * and shifted as {@link fillBatch} moves the pixels. What comes in from outside of the image is background.
 *
 * @param from the split that the batch is of.
 * @param into `[batch, labels of each]`, at least as long as the batch needs: see {@link labelsPerImage}.
 */
export function fillLabels(
  data: Pick<TrainingData, "shape" | "labelUnit">,
  from: PixelSet,
  batch: Batch,
  into: Uint8Array,
): void {
  const size = labelsPerImage(data);
  if (data.labelUnit !== "pixel") {
    batch.indices.forEach((image, item) =>
      into.set(from.labels.subarray(image * size, (image + 1) * size), item * size)
    );
    return;
  }
  const [height, width] = data.shape;
  batch.indices.forEach((image, item) => {
    const mask = from.labels.subarray(image * size, (image + 1) * size);
    const to = into.subarray(item * size, (item + 1) * size);
    const shiftX = batch.shiftX[item]!;
    const shiftY = batch.shiftY[item]!;
    const flip = batch.flip[item] === 1;
    to.fill(BACKGROUND);
    for (let y = Math.max(0, shiftY); y < Math.min(height, height + shiftY); y++) {
      const row = (y - shiftY) * width;
      for (let x = Math.max(0, shiftX); x < Math.min(width, width + shiftX); x++) {
        const column = x - shiftX;
        to[y * width + x] = mask[row + (flip ? width - 1 - column : column)]!;
      }
    }
  });
}

/** Labels of one image, or of one window of text. */
export function labelsPerImage({ shape, labelUnit }: Pick<TrainingData, "shape" | "labelUnit">): number {
  return labelUnit === "image" ? 1 : shape[0] * shape[1];
}

/** `[channels][256]`: the normalised value of each byte, so that all devices share one rounding. */
export function normalisation(data: Pick<TrainingData, "mean" | "std">): Float32Array {
  const table = new Float32Array(data.mean.length * 256);
  data.mean.forEach((mean, channel) => {
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = (byte / 255 - mean) / data.std[channel]!;
    }
  });
  return table;
}
