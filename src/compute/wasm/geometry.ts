import type { Margins } from "./plane.ts";

/** One axis of a convolution. */
export interface Axis {
  /** Output pixels. */
  readonly count: number;
  /** Padding before the first input pixel. */
  readonly before: number;
}

/** A convolution's sizes; `[height, width]` where a number has two axes. */
export interface Geometry {
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Padding above and to the left; what the last window needs below and to the right follows. */
  readonly before: readonly [number, number];
  readonly inChannels: number;
  readonly outChannels: number;
}

/** TensorFlow's padding rule along one axis: "same" gives ⌈size / stride⌉ outputs, the odd pixel of padding last. */
export function axis(size: number, kernel: number, stride: number, padding: "same" | "valid"): Axis {
  if (padding === "valid") return { count: Math.floor((size - kernel) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  return { count, before: Math.max((count - 1) * stride + kernel - size, 0) >> 1 };
}

/** Margins that the convolution's input must have. */
export function inputMargins({ input, output, kernel, stride, before }: Geometry): Margins {
  const extent = (a: 0 | 1) => Math.max(before[a] + input[a], (output[a] - 1) * stride[a] + kernel[a]);
  return { top: before[0], left: before[1], rows: extent(0), columns: extent(1) };
}

/**
 * Margins that the gradient of the convolution's output must have (and, with a stride, between its pixels), so
 * that a convolution by the flipped kernel gives the gradient of the input.
 */
export function gradientMargins({ input, kernel, before }: Geometry): Margins {
  return {
    top: kernel[0] - 1 - before[0],
    left: kernel[1] - 1 - before[1],
    rows: input[0] + kernel[0] - 1,
    columns: input[1] + kernel[1] - 1,
  };
}

/** True for a convolution of one pixel by one, a product of matrices. */
export function isPointwise({ kernel, stride }: Geometry): boolean {
  return [...kernel, ...stride].every((size) => size === 1);
}

/**
 * Outputs a side of a tile of Winograd's algorithm, where a convolution that gives `output` pixels can go, and goes
 * faster, by it; else 0.
 */
export function winogradOutputs(
  { kernel, stride, inChannels, outChannels }: Geometry,
  output: readonly [number, number],
): 0 | 2 | 4 {
  const plain = [...kernel, ...stride].join() === "3,3,1,1";
  const wide = [inChannels, outChannels].every((count) => count % 8 === 0 && count >= WINOGRAD_CHANNELS);
  if (!plain || !wide) return 0;
  if (output.every((size) => size % 4 === 0 && size >= WINOGRAD_FOUR_PIXELS)) return 4;
  return output.every((size) => size % 2 === 0) ? 2 : 0;
}

/** The fewest channels that were measured to gain: 16 → 32 at 16×16 goes 1.4 to 1.7 times as fast. */
const WINOGRAD_CHANNELS = 16;
/**
 * The least height and width for tiles of 4 × 4 outputs: of smaller images a batch has so few tiles that the larger
 * filters cost more. `cnn-tiny`'s 4×4 at batch 4 took 8 % longer, 8×8 of `cnn-small` a fifth less.
 */
const WINOGRAD_FOUR_PIXELS = 8;
/** Winograd's algorithm takes so many tiles at once, or a row of them. */
const WINOGRAD_TILES = 48;
/** Products are made six tiles at a time: up to so many behind the last. */
const WINOGRAD_SLACK = 5;
/** Floats behind the tiles of a place. */
const PLACE_GAP = 16;

/** Numbers of a transformed patch of Winograd's algorithm. */
function places(outputs: number): number {
  return (outputs + 2) ** 2;
}

/** Floats of the weights of {@link Geometry} as the kernels pack them: forward, or transposed for the gradient. */
export function packedFloats({ kernel, inChannels, outChannels }: Geometry): number {
  const taps = kernel[0] * kernel[1];
  const panels = (channels: number) => Math.ceil(channels / 8) * 8;
  const direct = Math.max(
    panels(outChannels) * (taps * inChannels + 1),
    panels(inChannels) * (taps * outChannels + 1),
  );
  const winograd = places(4) * Math.max(outChannels * (inChannels + 1), inChannels * (outChannels + 1));
  return taps === 9 ? Math.max(direct, winograd) : direct;
}

/** Floats of the transformed tiles of Winograd's algorithm, where either direction takes it. */
export function tileFloats(geometry: Geometry): number {
  const { input, output, inChannels, outChannels } = geometry;
  const slack = WINOGRAD_SLACK * Math.max(inChannels, outChannels);
  return Math.max(
    0,
    ...[input, output].map((size) => {
      const outputs = winogradOutputs(geometry, size);
      if (outputs === 0) return 0;
      const tiles = Math.max(WINOGRAD_TILES, size[1] / outputs);
      const lines = 24 * (size[1] + 2) + PLACE_GAP;
      return lines + places(outputs) * (tiles * (inChannels + outChannels) + 2 * PLACE_GAP) + slack;
    }),
  );
}

/** Bytes of the first-level cache that a band may fill: 24 of its 32 KiB. */
const BAND_BYTES = 24576;

/** Rows of an image whose input and output gradient fit the first-level cache together. */
export function bandRows(rowBytes: number, gradientRowBytes: number): number {
  return Math.max(1, Math.floor(BAND_BYTES / (rowBytes + gradientRowBytes)));
}

/** Bytes of a row of the blocks that `productGradient` takes of its two matrices. */
const BLOCK_BYTES = [48 * 4, 64 * 4] as const;

/** Rows of two matrices of which a block of each fits the first-level cache. */
export function productRows(rowBytes: number, gradientRowBytes: number): number {
  return bandRows(Math.min(rowBytes, BLOCK_BYTES[0]), Math.min(gradientRowBytes, BLOCK_BYTES[1]));
}
