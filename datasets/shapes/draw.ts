import { type Random, random } from "#lib/prng.ts";
import { type Figure, FIGURES } from "./figures.ts";

export const CHANNELS = 3;
/** Height and width for which the sizes of blobs and bars are written. */
const REFERENCE_SIZE = 32;

/** Size and difficulty of the task. Lengths in pixels, colours and noise in 0 … 1. */
export interface Difficulty {
  /** Height and width of an image. */
  readonly size: number;
  /** Radius of the figure. */
  readonly radius: readonly [number, number];
  /** Largest distance of the centre from the middle, along each axis. */
  readonly shift: number;
  /** Tangent of half of the largest turn to either side. */
  readonly halfTurn: number;
  /** Share of images whose outline lies between that of their class and another one's. */
  readonly mixed: number;
  /** Range of the share that those take from the other outline; at 0.5 the class is anyone's guess. */
  readonly mixture: readonly [number, number];
  /** Range of the figure's lightness over that of its ground. */
  readonly contrast: readonly [number, number];
  /** Largest distance from 0.5 of the lightness half-way between figure and ground. */
  readonly exposure: number;
  /** Largest distance of each channel of a colour from its lightness. */
  readonly tint: number;
  /** Most blobs and bars behind the figure, and in front of it. */
  readonly clutter: number;
  readonly occluders: number;
  /** Standard deviation of each pixel's noise. */
  readonly noise: readonly [number, number];
  /** Share of training images that carry another class's label. */
  readonly mislabelled: number;
}

/** Red, green and blue, 0 … 1. */
export type Colour = readonly [number, number, number];

/** `[size, size, channels]`. */
export interface Canvas {
  readonly size: number;
  readonly values: Float64Array;
}

/** Draws image after image into one buffer. */
export interface Painter {
  /** Draws the figure of class `label` into `into[offset …]`, `[height, width, channels]`. */
  draw(label: number, source: Random, into: Uint8Array, offset: number): void;
}

export function painter(difficulty: Difficulty): Painter {
  const { size } = difficulty;
  const canvas: Canvas = { size, values: new Float64Array(size * size * CHANNELS) };
  return {
    draw: (label, source, into, offset) => {
      const between = ([low, high]: readonly [number, number]) => low + (high - low) * source.uniform();
      const contrast = between(difficulty.contrast);
      const middle = 0.5 + difficulty.exposure * (2 * source.uniform() - 1);
      const colour = (lightness: number): Colour => [
        lightness + difficulty.tint * (2 * source.uniform() - 1),
        lightness + difficulty.tint * (2 * source.uniform() - 1),
        lightness + difficulty.tint * (2 * source.uniform() - 1),
      ];
      const ground = middle - contrast / 2;
      paintGround(canvas, colour(ground), colour(ground), source);
      // 1. Clutter has the ground's lightness or lies between it and the figure's: no figure of its own.
      scatter(canvas, difficulty.clutter, source, () => colour(ground + contrast * 0.5 * source.uniform()));
      // 2. The figure.
      paint(
        canvas,
        blend(label, difficulty, source),
        pose(difficulty, source),
        colour(middle + contrast / 2),
      );
      // 3. What hides a part of it.
      scatter(canvas, difficulty.occluders, source, () => colour(ground));
      // 4. Noise, and bytes.
      develop(canvas.values, between(difficulty.noise), source, into, offset);
    },
  };
}

/** The figure of a class, or something between it and another class's. */
function blend(label: number, { mixed, mixture: [low, high] }: Difficulty, source: Random): Figure {
  const own = FIGURES[label]!.figure;
  const other = FIGURES[(label + 1 + source.below(FIGURES.length - 1)) % FIGURES.length]!.figure;
  const share = low + (high - low) * source.uniform();
  if (source.uniform() >= mixed) return own;
  return (x, y) => (1 - share) * own(x, y) + share * other(x, y);
}

/** Place of a figure: centre and radius in pixels, and the cosine and sine of its turn. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly cos: number;
  readonly sin: number;
}

function pose({ size, radius: [low, high], shift, halfTurn }: Difficulty, source: Random): Pose {
  const centre = () => (size - 1) / 2 + shift * (2 * source.uniform() - 1);
  return {
    x: centre(),
    y: centre(),
    radius: low + (high - low) * source.uniform(),
    ...turn(halfTurn * (2 * source.uniform() - 1)),
  };
}

/** Cosine and sine from the tangent of half the angle: rational, so no engine's own sine is asked. */
export function turn(halfTangent: number): { cos: number; sin: number } {
  const scale = 1 / (1 + halfTangent * halfTangent);
  return { cos: (1 - halfTangent * halfTangent) * scale, sin: 2 * halfTangent * scale };
}

/** A colour that runs into another along a random direction. */
export function paintGround({ size, values }: Canvas, from: Colour, to: Colour, source: Random): void {
  const slopeX = (source.uniform() - 0.5) / size;
  const slopeY = (source.uniform() - 0.5) / size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const share = 0.5 + slopeX * (2 * x - size) + slopeY * (2 * y - size);
      const at = (y * size + x) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        values[at + channel] = from[channel]! + (to[channel]! - from[channel]!) * share;
      }
    }
  }
}

const blob: Figure = (x, y) => Math.sqrt(x * x + y * y) - 0.9;
const bar: Figure = (x, y) => Math.max(Math.abs(x) - 1, Math.abs(y) - 0.12);

/** Paints 0 … `most` small blobs and thin bars anywhere. */
export function scatter(canvas: Canvas, most: number, source: Random, colour: () => Colour): void {
  const scale = canvas.size / REFERENCE_SIZE;
  for (let left = source.below(most + 1); left > 0; left--) {
    const long = source.uniform() < 0.5;
    const at = {
      x: canvas.size * source.uniform(),
      y: canvas.size * source.uniform(),
      radius: scale * (long ? 6 + 8 * source.uniform() : 1.5 + 2 * source.uniform()),
      ...turn(2 * source.uniform() - 1),
    };
    paint(canvas, long ? bar : blob, at, colour());
  }
}

/** Marks of the pixels that a figure covers. */
export interface Claim {
  /** `[size, size]`. */
  readonly mask: Uint8Array;
  readonly label: number;
}

/** Paints a figure with edges one pixel soft; `claim` marks the pixels whose centre lies inside. */
export function paint(
  { size, values }: Canvas,
  figure: Figure,
  at: Pose,
  colour: Colour,
  claim?: Claim,
): void {
  // The farthest point of a figure is a corner at √2 radii; half a pixel more is soft edge.
  const reach = at.radius * 1.5 + 1;
  const left = Math.max(0, Math.ceil(at.x - reach));
  const right = Math.min(size - 1, Math.floor(at.x + reach));
  const top = Math.max(0, Math.ceil(at.y - reach));
  const bottom = Math.min(size - 1, Math.floor(at.y + reach));
  const scale = 1 / at.radius;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const u = (x - at.x) * scale;
      const v = (y - at.y) * scale;
      const distance = figure(at.cos * u + at.sin * v, at.cos * v - at.sin * u) * at.radius;
      const share = 0.5 - distance;
      if (share <= 0) continue;
      const cover = share < 1 ? share : 1;
      if (claim && distance < 0) claim.mask[y * size + x] = claim.label;
      const pixel = (y * size + x) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        values[pixel + channel]! += cover * (colour[channel]! - values[pixel + channel]!);
      }
    }
  }
}

/** Standard deviation of the sum of four uniform bytes: each has the variance (256² − 1) / 12. */
const BYTES_DEVIATION = Math.sqrt((256 * 256 - 1) / 3);

/** Adds noise (a sum of four bytes of one random word: near enough to normal) and rounds to bytes. */
export function develop(
  canvas: Float64Array,
  deviation: number,
  source: Random,
  into: Uint8Array,
  offset: number,
): void {
  const scale = (255 * deviation) / BYTES_DEVIATION;
  for (let at = 0; at < canvas.length; at++) {
    const word = source.uniform() * 0x1_0000_0000;
    const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
    const value = Math.floor(canvas[at]! * 255 + (sum - 510) * scale + 0.5);
    into[offset + at] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** The stream of image `index`: its own, so that a larger data set begins with the smaller one's images. */
export function imageStream(seed: number, split: string, index: number): Random {
  return random(seed, "shapes", split, index);
}
