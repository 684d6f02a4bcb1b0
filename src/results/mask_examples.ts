import { MOST_SIDE } from "#train/mask_examples/examples.ts";
import type { SafeTensor } from "#lib/safetensors.ts";

/** Names of the files of example masks in a run's folder. */
export const MASK_FILES = {
  /** The images that the strip shows, with their true masks. */
  images: "masks/images.safetensors",
  /** Predicted masks of these after so many steps. */
  step: (step: number) => `masks/step-${step}.safetensors`,
  /** The validation images with the highest and the lowest Dice after the last step. */
  extremes: "masks/extremes.safetensors",
} as const;

/** Images with their true masks; a side has at most 128 pixels, for longer ones were thinned. */
export interface MaskImages {
  /** Names of the classes, the background first. */
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  /** 1 for grey images, 3 for colours. */
  readonly channels: 1 | 3;
  readonly images: readonly {
    /** Its number among the validation images. */
    readonly number: number;
    /** `[height, width, channels]`, 0 … 255. */
    readonly pixels: Uint8Array;
    /** `[height, width]`, numbers of classes. */
    readonly truth: Uint8Array;
  }[];
}

/** The mask that was predicted for an image. */
export interface PredictedMask {
  /** `[height, width]`, numbers of classes. */
  readonly mask: Uint8Array;
  /** Mean over the classes in it and in the truth, 0 … 1, at full resolution; `null` where none occurs but the background. */
  readonly dice: number | null;
}

/** The example masks of a run. */
export interface MaskExamples {
  readonly strip: {
    readonly images: MaskImages;
    /** In order; a mask for each image. */
    readonly moments: readonly { readonly step: number; readonly masks: readonly PredictedMask[] }[];
  };
  /** By falling Dice, best and worst; `null` where the run did not come to its end. */
  readonly extremes: { readonly images: MaskImages; readonly masks: readonly PredictedMask[] } | null;
}

/** The content of a safetensors file. */
interface Content {
  readonly tensors: Readonly<Record<string, SafeTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Most images in a file, and most classes. */
const [MOST_IMAGES, MOST_CLASSES] = [16, 256];

/** Images and true masks of a file that is not trusted. @throws {TypeError} where it holds something else. */
export function maskImagesOf({ tensors, metadata }: Content): MaskImages {
  const classes = classesOf(metadata["classes"]);
  const { shape, data: pixels } = bytesOf(tensors, "pixels");
  const [count, height, width, channels] = shape;
  const sides = [height, width].every((side) => side! >= 1 && side! <= MOST_SIDE);
  if (shape.length !== 4 || count! > MOST_IMAGES || !sides || (channels !== 1 && channels !== 3)) {
    throw new TypeError(
      `pixels has the shape [${shape}]: expected at most ${MOST_IMAGES} images of [height, width, 1 or 3], a side ` +
        `at most ${MOST_SIDE} pixels`,
    );
  }
  const size = { classes, height: height!, width: width!, channels } as const;
  const truth = masksOf(tensors, "truth", size, count!);
  const numbers = tensors["images"];
  if (!(numbers?.data instanceof Uint32Array) || numbers.data.length !== count) {
    throw new TypeError(`images holds no ${count} whole numbers of 32 bits`);
  }
  const length = height! * width! * channels;
  return {
    ...size,
    images: truth.map((mask, item) => ({
      number: numbers.data[item]!,
      pixels: pixels.subarray(item * length, (item + 1) * length),
      truth: mask,
    })),
  };
}

/** Predicted masks of images. @throws {TypeError} where a file that is not trusted holds something else. */
export function predictedMasksOf({ tensors }: Pick<Content, "tensors">, of: MaskImages): PredictedMask[] {
  const count = of.images.length;
  const dice = tensors["dice"]?.data;
  const isDice = (value: number) => Number.isNaN(value) || (value >= 0 && value <= 1);
  if (!(dice instanceof Float64Array) || dice.length !== count || !dice.every(isDice)) {
    throw new TypeError(`dice holds no ${count} numbers from 0 to 1 of 64 bits`);
  }
  return masksOf(tensors, "prediction", of, count).map((mask, item) => ({
    mask,
    dice: Number.isNaN(dice[item]) ? null : dice[item]!,
  }));
}

function classesOf(text: string | undefined): string[] {
  const classes = parsed(text);
  const isName = (name: unknown) => typeof name === "string" && name.length <= 200;
  if (!Array.isArray(classes) || !classes.every(isName) || !(classes.length <= MOST_CLASSES)) {
    throw new TypeError(`its classes are no list of at most ${MOST_CLASSES} names`);
  }
  return classes;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}

function bytesOf(tensors: Content["tensors"], name: string) {
  const tensor = tensors[name];
  if (tensor?.data instanceof Uint8Array) return { shape: tensor.shape, data: tensor.data };
  throw new TypeError(`it has no bytes called ${name}`);
}

function masksOf(
  tensors: Content["tensors"],
  name: string,
  { height, width, classes }: Pick<MaskImages, "height" | "width" | "classes">,
  count: number,
): Uint8Array[] {
  const { shape, data } = bytesOf(tensors, name);
  if (String(shape) !== String([count, height, width])) {
    throw new TypeError(`${name} has the shape [${shape}]: expected [${[count, height, width]}]`);
  }
  const wrong = data.find((label) => label >= classes.length);
  if (wrong !== undefined) throw new TypeError(`${name} has class ${wrong} of ${classes.length}`);
  const pixels = height * width;
  return Array.from({ length: count }, (_, item) => data.subarray(item * pixels, (item + 1) * pixels));
}
