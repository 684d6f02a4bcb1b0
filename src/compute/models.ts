import type { LabelUnit } from "#train/data.ts";
import type { ConvLayer, Layer, Model } from "./model.ts";
import type { ModelEntry } from "./model_entry.ts";
import { buildOwnModel, type OwnModelRequest } from "./own_model.ts";
import { TRANSFORMERS } from "./transformers.ts";

const conv = (name: string, filters: number, bias: boolean): ConvLayer => ({
  kind: "conv",
  name,
  filters,
  kernel: 3,
  stride: 1,
  padding: "same",
  bias,
});
const relu: Layer = { kind: "relu" };
const pool: Layer = { kind: "max_pool", size: 2 };
const head = (classes: number, ...before: Layer[]): Layer[] => [
  { kind: "global_average_pool" },
  ...before,
  { kind: "dense", name: "dense", units: classes },
];

/** Convolution, batch norm, ReLU. */
const block = (index: number, filters: number): Layer[] => [
  conv(`conv${index}`, filters, false),
  { kind: "batch_norm", name: `norm${index}` },
  relu,
];

/** Three convolutions with ReLU, max-pool between them. */
const pyramid = ([first, second, third]: readonly [number, number, number]): Layer[] => [
  conv("conv1", first, true),
  relu,
  pool,
  conv("conv2", second, true),
  relu,
  pool,
  conv("conv3", third, true),
  relu,
];

const CHANNELS = [16, 32, 64];
const BLOCKS = 3;

/** Three stages of three blocks; the first block of each stage but the first halves height and width. */
function residualStages(): Layer[] {
  return CHANNELS.flatMap((filters, stage) =>
    Array.from({ length: BLOCKS }, (_, block) => {
      const narrows = stage > 0 && block === 0;
      return basicBlock(`stage${stage + 1}/block${block + 1}`, filters, narrows);
    }).flat()
  );
}

/** Two convolutions with batch norm beside a shortcut: x itself or, where the shape changes, option B of the paper. */
function basicBlock(name: string, filters: number, narrows: boolean): Layer[] {
  const stride = narrows ? 2 : 1;
  const norm = (layer: string): Layer => ({ kind: "batch_norm", name: `${name}/${layer}` });
  const main: Layer[] = [
    { ...conv(`${name}/conv1`, filters, false), stride },
    norm("norm1"),
    relu,
    conv(`${name}/conv2`, filters, false),
    norm("norm2"),
  ];
  const projection: Layer[] = [
    { ...conv(`${name}/shortcut/conv`, filters, false), kernel: 1, stride },
    norm("shortcut/norm"),
  ];
  return [{ kind: "residual", name, main, shortcut: narrows ? projection : [] }, relu];
}

/** Convolutions of one level, each with batch norm and ReLU. */
function level(name: string, filters: number, convolutions: number): Layer[] {
  return Array.from({ length: convolutions }, (_, index) => [
    conv(`${name}/conv${index + 1}`, filters, false),
    { kind: "batch_norm", name: `${name}/norm${index + 1}` } satisfies Layer,
    relu,
  ]).flat();
}

/**
 * A U-Net (Ronneberger et al., 2015) with batch norm: levels of halved height and width, each joined by a skip connection
 * to the upsampled one below it, and a convolution of one pixel to the logits of each pixel.
 */
function unet(channels: readonly number[], convolutions: number, classes: number): Layer[] {
  const from = (depth: number): Layer[] => {
    const filters = channels[depth]!;
    const down = level(`down${depth + 1}`, filters, convolutions);
    if (depth === channels.length - 1) return down;
    const main: Layer[] = [pool, ...from(depth + 1), { kind: "upsample", size: 2 }];
    const skip: Layer = { kind: "concat", name: `skip${depth + 1}`, main, shortcut: [] };
    return [...down, skip, ...level(`up${depth + 1}`, filters, convolutions)];
  };
  return [...from(0), { ...conv("head", classes, true), kernel: 1 }];
}

/** Every model that a spec can name. A new one is one entry. */
export const MODELS: Readonly<Record<string, ModelEntry>> = {
  "cnn-tiny": {
    doc:
      "3×3 convolutions of 8, 16 and 32 channels with batch norm and ReLU, max-pool after the first two; 6,418 parameters",
    build: (
      _input,
      classes,
    ) => [...block(1, 8), pool, ...block(2, 16), pool, ...block(3, 32), ...head(classes)],
  },
  "cnn-tiny-plain": {
    doc: "cnn-tiny with biases in place of batch norm, so that large rates hurt; 6,362 parameters",
    build: (_input, classes) => [...pyramid([8, 16, 32]), ...head(classes)],
  },
  "cnn-small": {
    doc:
      "3×3 convolutions of 16, 32 and 64 channels with ReLU, max-pool after the first two; 24,234 parameters",
    build: (_input, classes) => [...pyramid([16, 32, 64]), ...head(classes)],
  },
  "cnn-dropout": {
    doc: "cnn-small with a quarter of the features dropped before the last layer; 24,234 parameters",
    build: (_input, classes) => [
      ...pyramid([16, 32, 64]),
      ...head(classes, { kind: "dropout", name: "dropout1", rate: 0.25 }),
    ],
  },
  "cnn": {
    doc: "pairs of 3×3 convolutions of 32, 64 and 128 channels with batch norm and ReLU; 288,554 parameters",
    build: (_input, classes) => [
      ...block(1, 32),
      ...block(2, 32),
      pool,
      ...block(3, 64),
      ...block(4, 64),
      pool,
      ...block(5, 128),
      ...block(6, 128),
      ...head(classes),
    ],
  },
  "resnet-20": {
    doc:
      "He et al.'s residual network of 16, 32 and 64 channels; projections as shortcuts; 272,474 parameters",
    build: (_input, classes) => [...block(1, CHANNELS[0]!), ...residualStages(), ...head(classes)],
  },
  "unet-micro": {
    doc:
      "U-Net for images with masks: two levels of 8 and 16 channels, one 3×3 convolution each, with batch norm; " +
      "3,205 parameters for five classes",
    labelUnit: "pixel",
    multiple: 2,
    build: (_input, classes) => unet([8, 16], 1, classes),
  },
  "unet-tiny": {
    doc:
      "U-Net for images with masks: three levels of 8, 16 and 32 channels, one 3×3 convolution each, with batch norm; " +
      "14,821 parameters for five classes",
    labelUnit: "pixel",
    multiple: 4,
    build: (_input, classes) => unet([8, 16, 32], 1, classes),
  },
  "unet-small": {
    doc:
      "U-Net for images with masks: three levels of 16, 32 and 64 channels, two 3×3 convolutions each, with batch norm; " +
      "118,661 parameters for five classes",
    labelUnit: "pixel",
    multiple: 4,
    build: (_input, classes) => unet([16, 32, 64], 2, classes),
  },
  ...TRANSFORMERS,
};

/** Data in words, by the unit that has a label. */
const LABELLED: Readonly<Record<LabelUnit, string>> = {
  image: "images without masks",
  pixel: "images with masks",
  token: "text",
};

/** One of {@link MODELS}, or a network of one's own. */
export type ModelRequest = string | OwnModelRequest;

/**
 * @param labelUnit the unit that has a label.
 * @throws {RangeError} for a name that is not in {@link MODELS}, or a network that does not fit the images, the classes or
 * the task.
 */
export function buildModel(
  request: ModelRequest,
  input: Model["input"],
  classes: number,
  labelUnit: LabelUnit = "image",
): Model {
  if (typeof request !== "string") return buildOwnModel(request, input, classes, labelUnit);
  const name = request;
  const entry = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (!entry) {
    throw new RangeError(`Unknown model ${JSON.stringify(name)}; allowed: ${Object.keys(MODELS).join(", ")}`);
  }
  const unitOf = ({ labelUnit = "image" }: ModelEntry) => labelUnit;
  if (unitOf(entry) !== labelUnit) {
    const fitting = Object.keys(MODELS).filter((other) => unitOf(MODELS[other]!) === labelUnit);
    throw new RangeError(
      `Cannot train ${name} on ${LABELLED[labelUnit]}; allowed: ${
        fitting.join(", ") || "a network of your own"
      }`,
    );
  }
  const { multiple = 1 } = entry;
  if (input[0] % multiple !== 0 || input[1] % multiple !== 0) {
    throw new RangeError(
      `Cannot train ${name} on images of ${input[0]} × ${input[1]} pixels: expected multiples of ${multiple}`,
    );
  }
  return { name, input, classes, layers: entry.build(input, classes) };
}
