import { concat } from "#lib/bytes.ts";
import { BACKGROUND, type TrainingData } from "../data.ts";
import { type Judged, onJudgedWeights } from "../judge.ts";
import type { Learner } from "../learner.ts";
import { predictedClasses } from "../segmentation/predicted_classes.ts";
import { createTally, scoresOf, scoreSums } from "../segmentation/scores.ts";
import type { Artifact } from "../trainer_state.ts";
import type { MaskExamplesPlan } from "./moments.ts";

/** Images whose predictions are kept over the course of a run. */
const STRIP_IMAGES = 3;
/** Images with the highest Dice that are kept at the end of a run, and as many with the lowest. */
const EXTREMES = 2;
/** Images whose logits are held at a time. */
const AT_ONCE = 32;
/** Of masks and images with longer sides only every second, third, … pixel is kept, both ways. */
export const MOST_SIDE = 128;

/**
 * The masks that the model predicts for the first validation images with objects in them, after an evaluation at `step`;
 * after the first one the images and their true masks too.
 */
export async function* keepMoment(
  learner: Learner,
  plan: Judged,
  { data, steps }: MaskExamplesPlan,
  step: number,
): AsyncGenerator<Artifact> {
  const images = imagesWithObjects(data);
  if (!steps.includes(step) || images.length === 0) return;
  if (step === steps[0]) yield { kind: "save", name: "masks/images", ...truths(data, images) };
  const masks = await onJudgedWeights(learner, plan, () => predictedMasks(learner, data, images));
  yield { kind: "save", name: `masks/step-${step}`, tensors: predictions(data, masks) };
}

/**
 * After the last step: the validation images with the highest Dice and those with the lowest, by falling Dice, with their
 * true and predicted masks. An image in which no object is, nor is predicted, has no Dice. None where no image has any.
 */
export async function* keepExtremes(
  learner: Learner,
  plan: Judged,
  { data }: MaskExamplesPlan,
): AsyncGenerator<Artifact> {
  const found = await onJudgedWeights(learner, plan, async () => {
    const scored: { image: number; dice: number }[] = [];
    for (let start = 0; start < data.validation.count; start += AT_ONCE) {
      const length = Math.min(AT_ONCE, data.validation.count - start);
      const images = Array.from({ length }, (_, item) => start + item);
      for (const { image, dice } of await predictedMasks(learner, data, images)) {
        if (dice !== null) scored.push({ image, dice });
      }
    }
    scored.sort((a, b) => b.dice - a.dice || a.image - b.image);
    const best = scored.slice(0, Math.min(EXTREMES, Math.ceil(scored.length / 2)));
    const worst = scored.slice(Math.max(best.length, scored.length - EXTREMES));
    return await predictedMasks(learner, data, [...best, ...worst].map(({ image }) => image));
  });
  if (found.length === 0) return;
  const { tensors, metadata } = truths(data, found.map(({ image }) => image));
  yield {
    kind: "save",
    name: "masks/extremes",
    tensors: { ...tensors, ...predictions(data, found) },
    metadata,
  };
}

/** The mask that the model predicts for an image, and the mean Dice of its classes; `null` where none occurs. */
interface PredictedMask {
  readonly image: number;
  /** `[height, width]` */
  readonly mask: Uint8Array;
  readonly dice: number | null;
}

async function predictedMasks(
  learner: Learner,
  { shape: [height, width], classes, validation }: MaskExamplesPlan["data"],
  images: readonly number[],
): Promise<PredictedMask[]> {
  if (images.length === 0) return [];
  const logits = await learner.predict("validation", images);
  const pixels = height * width;
  const tally = createTally([height, width, classes.length]);
  return images.map((image, item) => {
    const own = logits.subarray(item * pixels * classes.length, (item + 1) * pixels * classes.length);
    const mask = predictedClasses(own, classes.length, new Uint8Array(pixels));
    const sums = new Float64Array(scoreSums(classes.length));
    tally.add(mask, validation.labels.subarray(image * pixels, (image + 1) * pixels), sums);
    return { image, mask, dice: scoresOf(sums).dice };
  });
}

function imagesWithObjects({ shape: [height, width], validation }: MaskExamplesPlan["data"]): number[] {
  const pixels = height * width;
  const found: number[] = [];
  for (let image = 0; image < validation.count && found.length < STRIP_IMAGES; image++) {
    const mask = validation.labels.subarray(image * pixels, (image + 1) * pixels);
    if (mask.some((label) => label !== BACKGROUND)) found.push(image);
  }
  return found;
}

/** Images and their true masks, as their file has them. */
function truths({ shape, classes, validation }: MaskExamplesPlan["data"], images: readonly number[]) {
  const [height, width, channels] = shape;
  const every = strideOf(shape);
  const size = [Math.ceil(height / every), Math.ceil(width / every)];
  const taken = (from: Uint8Array, depth: number) =>
    concat(images.map((image) => {
      const length = height * width * depth;
      return thinned(from.subarray(image * length, (image + 1) * length), [height, width, depth], every);
    }));
  return {
    tensors: {
      images: { shape: [images.length], data: Uint32Array.from(images) },
      pixels: { shape: [images.length, ...size, channels], data: taken(validation.images, channels) },
      truth: { shape: [images.length, ...size], data: taken(validation.labels, 1) },
    },
    metadata: { classes: JSON.stringify(classes) },
  };
}

/** Predicted masks and their Dice, as their file has them. */
function predictions({ shape }: MaskExamplesPlan["data"], masks: readonly PredictedMask[]) {
  const [height, width] = shape;
  const every = strideOf(shape);
  const size = [Math.ceil(height / every), Math.ceil(width / every)];
  const data = concat(masks.map(({ mask }) => thinned(mask, [height, width, 1], every)));
  return {
    prediction: { shape: [masks.length, ...size], data },
    dice: { shape: [masks.length], data: Float64Array.from(masks, ({ dice }) => dice ?? NaN) },
  };
}

function strideOf([height, width]: TrainingData["shape"]): number {
  return Math.ceil(Math.max(height, width) / MOST_SIDE);
}

/** Every so many pixels of `[height, width, depth]`, both ways. */
function thinned(from: Uint8Array, [height, width, depth]: TrainingData["shape"], every: number): Uint8Array {
  const kept: number[] = [];
  for (let y = 0; y < height; y += every) {
    for (let x = 0; x < width; x += every) {
      for (let at = 0; at < depth; at++) kept.push(from[(y * width + x) * depth + at]!);
    }
  }
  return Uint8Array.from(kept);
}
