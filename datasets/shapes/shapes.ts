import type { PixelSet, Split } from "#train/data.ts";
import { DataError } from "../source.ts";
import { sharedSet } from "../split.ts";
import { CHANNELS, type Difficulty, imageStream, painter } from "./draw.ts";
import { FIGURES } from "./figures.ts";

export const SHAPES_CLASSES = FIGURES.map(({ name }) => name);
/** Images of each split unless a request says otherwise. */
export const SHAPES_DEFAULTS: Readonly<Record<Split, number>> = { train: 4000, validation: 1000, test: 2000 };
/** Most images of a split: 100,000 are 300 MB. */
export const SHAPES_MOST = 100_000;

/** The task that records name `shapes`. Another difficulty is another data set, with another digest. */
export const DIFFICULTY: Difficulty = {
  size: 32,
  radius: [10, 12],
  shift: 1,
  halfTurn: 0.03,
  mixed: 0.3,
  mixture: [0.4, 0.5],
  contrast: [0.6, 0.8],
  exposure: 0.03,
  tint: 0.12,
  clutter: 1,
  occluders: 0,
  noise: [0, 0.06],
  mislabelled: 0.1,
};

/** The task that records name `shapes-16`: a quarter of the pixels, for runs that last a third of a second. */
export const SMALL_DIFFICULTY: Difficulty = { ...DIFFICULTY, size: 16, radius: [5, 6], shift: 0.5 };

/** `[height, width, channels]` of a task's images. */
export const shapesShape = ({ size }: Difficulty) => [size, size, CHANNELS] as const;

/**
 * Draws `count` images of a split on shared memory, `[count, size, size, 3]`. The classes take turns, so each has its
 * share; image i depends on seed, split and i alone, so a larger split begins with the smaller one's images.
 *
 * In the training split a share of the labels is wrong (`mislabelled`), which raises the noise of the gradient;
 * validation and test labels are right.
 */
export function drawShapes(split: Split, count: number, seed: number, difficulty = DIFFICULTY): PixelSet {
  if (count > SHAPES_MOST) {
    throw new DataError(
      `Cannot draw ${count} ${split} images of shapes: at most ${SHAPES_MOST} fit in a sensible amount of memory`,
    );
  }
  const size = difficulty.size ** 2 * CHANNELS;
  const set = sharedSet(count, size);
  const { draw } = painter(difficulty);
  for (let image = 0; image < count; image++) {
    const source = imageStream(seed, split, image);
    const label = image % FIGURES.length;
    draw(label, source, set.images, image * size);
    const wrong = split === "train" && source.uniform() < difficulty.mislabelled;
    set.labels[image] = wrong ? (label + 1 + source.below(FIGURES.length - 1)) % FIGURES.length : label;
  }
  return set;
}
