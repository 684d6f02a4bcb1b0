import { type Random, random } from "#lib/prng.ts";
import type { PixelSet, Split } from "#train/data.ts";
import { DataError } from "../source.ts";
import { sharedSet } from "../split.ts";
import { type Canvas, CHANNELS, type Colour, develop, paint, paintGround, scatter, turn } from "./draw.ts";
import { type Figure, FIGURES } from "./figures.ts";
import { SHAPES_DEFAULTS, SHAPES_MOST } from "./shapes.ts";

/** Figures; their order is that of labels, after the ground's. */
type MaskFigure = "disc" | "ring" | "cross" | "star";
/** Class 0: the ground, and what clutters it. */
const GROUND = "ground";
export const MASKS_DEFAULTS: Readonly<Record<Split, number>> = {
  ...SHAPES_DEFAULTS,
  train: 2000,
  validation: 400,
  test: 800,
};

/** Size and difficulty of the task. Lengths in pixels, colours and noise in 0 … 1. */
export interface MaskDifficulty {
  /** Height and width of an image. */
  readonly size: number;
  /** Kinds of figures, each a class. */
  readonly kinds: readonly MaskFigure[];
  /** Most figures in an image; at least one. */
  readonly figures: number;
  /** Radius of a figure: most are small. */
  readonly radius: readonly [number, number];
  /** Least thickness of rings and of the arms of crosses. */
  readonly thickness: number;
  /** Range of a figure's lightness over that of its ground. */
  readonly contrast: readonly [number, number];
  /** Largest distance of each channel of a colour from its lightness. */
  readonly tint: number;
  /** Added to one channel of a figure's colour, another one for each kind; at 0 the outline alone distinguishes kinds. */
  readonly hue: number;
  /** Largest change of the ground's lightness by its texture, and the width of its cells. */
  readonly texture: number;
  readonly cell: number;
  /** Most blobs and bars behind the figures. */
  readonly clutter: number;
  /** Standard deviation of each pixel's noise. */
  readonly noise: readonly [number, number];
}

/** The task that records name `shapes-masks`. Another difficulty is another data set, with another digest. */
export const MASK_DIFFICULTY: MaskDifficulty = {
  size: 32,
  kinds: ["disc", "ring", "cross", "star"],
  figures: 4,
  radius: [3, 9],
  thickness: 1.2,
  contrast: [0.25, 0.5],
  tint: 0.12,
  hue: 0,
  texture: 0.12,
  cell: 4,
  clutter: 3,
  noise: [0.02, 0.06],
};

/** The task that records name `shapes-masks-64`: more room, figures from as small on, parts as thin. */
export const LARGE_MASK_DIFFICULTY: MaskDifficulty = {
  ...MASK_DIFFICULTY,
  size: 64,
  figures: 7,
  radius: [3, 17],
  cell: 6,
};

/**
 * The task that records name `shapes-masks-16`: two kinds of figures that stand out, for runs of half a second. Figures are
 * large for the image and each kind has a hue, so that all losses have something of each class to learn from early.
 */
export const SMALL_MASK_DIFFICULTY: MaskDifficulty = {
  size: 16,
  kinds: ["disc", "cross"],
  figures: 3,
  radius: [5, 8],
  thickness: 3,
  contrast: [0.35, 0.5],
  tint: 0.1,
  hue: 0.3,
  texture: 0.1,
  cell: 4,
  clutter: 1,
  noise: [0.02, 0.06],
};

/** Classes of a task's pixels, by label. */
export const maskClasses = ({ kinds }: MaskDifficulty): readonly string[] => [GROUND, ...kinds];

/** `[height, width, channels]` of a task's images. */
export const masksShape = ({ size }: MaskDifficulty) => [size, size, CHANNELS] as const;

/**
 * Draws `count` images of a split with their masks on shared memory: images `[count, size, size, 3]`, labels
 * `[count, size, size]`. A pixel is of the figure that covers its centre and was painted last. Image i depends on seed,
 * split and i alone, so a larger split begins with the smaller one's images.
 */
export function drawMasks(
  split: Split,
  count: number,
  seed: number,
  difficulty = MASK_DIFFICULTY,
): PixelSet {
  if (count > SHAPES_MOST) {
    throw new DataError(
      `Cannot draw ${count} ${split} images with masks: at most ${SHAPES_MOST} fit in a sensible amount of memory`,
    );
  }
  const pixels = difficulty.size ** 2;
  const set = sharedSet(count, pixels * CHANNELS, pixels);
  const canvas = { size: difficulty.size, values: new Float64Array(pixels * CHANNELS) };
  for (let image = 0; image < count; image++) {
    const source = random(seed, "shapes-masks", split, image);
    const mask = set.labels.subarray(image * pixels, (image + 1) * pixels);
    draw(canvas, mask, difficulty, source);
    develop(
      canvas.values,
      between(difficulty.noise, source),
      source,
      set.images,
      image * pixels * CHANNELS,
    );
  }
  return set;
}

const between = ([low, high]: readonly [number, number], source: Random) =>
  low + (high - low) * source.uniform();

/** Paints one image; the mask, all ground before, gets its figures. */
function draw(canvas: Canvas, mask: Uint8Array, difficulty: MaskDifficulty, source: Random): void {
  const contrast = between(difficulty.contrast, source);
  const ground = 0.3 + 0.15 * source.uniform();
  const colour = (lightness: number): Colour => {
    const channel = () => lightness + difficulty.tint * (2 * source.uniform() - 1);
    return [channel(), channel(), channel()];
  };
  // 1. Textured ground, and clutter whose lightness lies below that of figures: no figure of its own.
  paintGround(canvas, colour(ground), colour(ground), source);
  roughen(canvas, difficulty, source);
  scatter(canvas, difficulty.clutter, source, () => colour(ground + contrast * 0.6 * source.uniform()));
  // 2. Figures; a later one hides what it covers.
  const [smallest, largest] = difficulty.radius;
  for (let left = 1 + source.below(difficulty.figures); left > 0; left--) {
    const label = 1 + source.below(difficulty.kinds.length);
    const share = source.uniform();
    const radius = smallest + (largest - smallest) * share * share;
    const pose = {
      x: canvas.size * source.uniform(),
      y: canvas.size * source.uniform(),
      radius,
      ...turn(source.uniform() - 0.5),
    };
    const figure = figureOf(difficulty.kinds[label - 1]!, difficulty.thickness / radius);
    const shade: [number, number, number] = [...colour(ground + contrast)];
    shade[(label - 1) % 3]! += difficulty.hue;
    paint(canvas, figure, pose, shade, { mask, label });
  }
}

const distance = (x: number, y: number) => Math.sqrt(x * x + y * y);

/** The outline of a kind of figure; rings and arms of crosses are thin, but no thinner than `least`, in radii. */
function figureOf(kind: MaskFigure, least: number): Figure {
  const half = Math.max(0.13, least / 2);
  switch (kind) {
    case "ring":
      return (x, y) => Math.abs(distance(x, y) - (1 - half)) - half;
    case "cross":
      return (x, y) =>
        Math.min(
          Math.max(Math.abs(x) - 1, Math.abs(y) - half),
          Math.max(Math.abs(x) - half, Math.abs(y) - 1),
        );
    default:
      return FIGURES.find(({ name }) => name === kind)!.figure;
  }
}

/** Adds a texture to all channels: random values on a lattice, and between them in proportion. */
function roughen({ size, values }: Canvas, { texture, cell }: MaskDifficulty, source: Random): void {
  const knots = Math.ceil(size / cell) + 1;
  const lattice = Float64Array.from({ length: knots * knots }, () => texture * (2 * source.uniform() - 1));
  for (let y = 0; y < size; y++) {
    const [row, down] = [Math.floor(y / cell), y % cell / cell];
    for (let x = 0; x < size; x++) {
      const [column, right] = [Math.floor(x / cell), x % cell / cell];
      const at = row * knots + column;
      const above = lattice[at]! + right * (lattice[at + 1]! - lattice[at]!);
      const below = lattice[at + knots]! + right * (lattice[at + knots + 1]! - lattice[at + knots]!);
      const shade = above + down * (below - above);
      for (let channel = 0; channel < CHANNELS; channel++) {
        values[(y * size + x) * CHANNELS + channel]! += shade;
      }
    }
  }
}
