import { random } from "#lib/prng.ts";
import { drawMasks, MASK_DIFFICULTY, maskClasses } from "#datasets/shapes/masks.ts";
import type { LabelUnit, PixelSet, TrainingData } from "#train/data.ts";

/** Random images of `size`² pixels in ten classes: the cost of a step does not depend on their content. */
export function randomImages(count: number, size = 32): TrainingData {
  const shape = [size, size, 3] as const;
  const source = random("bench");
  const split = (count: number): PixelSet => ({
    images: Uint8Array.from({ length: count * size ** 2 * 3 }, () => source.below(256)),
    labels: Uint8Array.from({ length: count }, () => source.below(10)),
    count,
  });
  return {
    name: "noise",
    shape,
    classes: Array.from({ length: 10 }, (_, index) => String(index)),
    labelUnit: "image",
    train: split(count),
    validation: split(256),
    test: split(1),
    mean: [0.5, 0.5, 0.5],
    std: [0.29, 0.29, 0.29],
    digest: "noise",
  };
}

/** The lab's figures with their masks on `size`² pixels. */
export function drawnMasks(count: number, size = 32): TrainingData {
  const draw = (split: "train" | "validation" | "test", count: number) =>
    drawMasks(split, count, 0, { ...MASK_DIFFICULTY, size });
  return {
    ...randomImages(1, size),
    name: "figures",
    classes: maskClasses(MASK_DIFFICULTY),
    labelUnit: "pixel",
    train: draw("train", count),
    validation: draw("validation", 64),
    test: draw("test", 1),
  };
}

/** Tokens of {@link randomText}. */
const VOCABULARY = 96;

/** Windows of `size` random tokens, as many as printable characters. */
export function randomText(count: number, size: number): TrainingData {
  const source = random("bench text");
  const split = (count: number): PixelSet => ({
    images: Uint8Array.from({ length: count * size }, () => source.below(VOCABULARY)),
    labels: Uint8Array.from({ length: count * size }, () => source.below(VOCABULARY)),
    count,
  });
  return {
    name: "text",
    shape: [size, 1, 1],
    classes: Array.from({ length: VOCABULARY }, (_, index) => String(index)),
    labelUnit: "token",
    text: { unit: "character", charactersPerToken: 1, entropy: null },
    train: split(count),
    validation: split(256),
    test: split(1),
    mean: [0],
    std: [1 / 255],
    digest: "text",
  };
}

/** Data of any content for a model; `size`: height and width of images, or tokens of a window. */
export function anyData(labelUnit: LabelUnit, count: number, size: number): TrainingData {
  const draw = { image: randomImages, pixel: drawnMasks, token: randomText };
  return draw[labelUnit](count, size);
}
