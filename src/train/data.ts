/** Images as bytes, `[count, height, width, channels]`, row-major, 0 … 255. May lie on shared memory. */
export interface PixelSet {
  readonly images: Uint8Array;
  /** `[count]`, class numbers; of images with masks `[count, height, width]`, the class of each pixel. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** A data set split for training. Normalisation is by the training split's own statistics. */
export interface TrainingData {
  readonly name: string;
  /** `[height, width, channels]` */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** True where labels are masks: images are to be segmented, and class 0 is the background. Absent: to be classified. */
  readonly masks?: boolean;
  readonly train: PixelSet;
  readonly validation: PixelSet;
  /** Read once, for the final figure. */
  readonly test: PixelSet;
  /** Per channel, over the training split, of pixels scaled to 0 … 1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 (hex) over shape, splits, pixels and labels: what a record names as its data. */
  readonly digest: string;
}

export type Split = "train" | "validation" | "test";

/** The class of pixels that are of no object. */
export const BACKGROUND = 0;
