/**
 * Images as bytes, `[count, height, width, channels]`, row-major, 0 … 255; of text windows of it, `[count, tokens, 1, 1]`,
 * as numbers of tokens. May lie on shared memory.
 */
export interface PixelSet {
  readonly images: Uint8Array;
  /**
   * Class numbers: `[count]`, of images with masks `[count, height, width]`, of text `[count, tokens, 1]`, the token that
   * comes next at each place.
   */
  readonly labels: Uint8Array;
  readonly count: number;
}

/**
 * The unit that has a label: an image (to be classified), each pixel of one (a mask: to be segmented, class 0 is the
 * background), or each token of a text (the next one, to be predicted).
 */
export type LabelUnit = "image" | "pixel" | "token";

/** A data set split for training. Normalisation is by the training split's own statistics; tokens stay as they are. */
export interface TrainingData {
  readonly name: string;
  /** `[height, width, channels]`, of text `[tokens, 1, 1]`. */
  readonly shape: readonly [number, number, number];
  /** Names of the classes; of text its tokens. */
  readonly classes: readonly string[];
  readonly labelUnit: LabelUnit;
  /** Of text. */
  readonly text?: TextFacts;
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

/** Facts of a text whose tokens are predicted. */
export interface TextFacts {
  readonly unit: "character" | "byte";
  /** Mean over the text: 1 where tokens are characters. */
  readonly charactersPerToken: number;
  /**
   * The mean loss of the best possible prediction in nats a token, over windows as they are trained on, where the source of
   * the text is known; else `null`.
   */
  readonly entropy: number | null;
}

export type Split = "train" | "validation" | "test";

/** The class of pixels that are of no object. */
export const BACKGROUND = 0;
