import type { LabelUnit } from "#train/data.ts";
import { block, CHANNELS, head, pool, pyramid, residualStages, unet } from "./blocks.ts";
import type { Model } from "./model.ts";
import type { ModelEntry } from "./model_entry.ts";
import { buildOwnModel, type OwnModelRequest } from "./own_model.ts";
import { TRANSFORMERS } from "./transformers.ts";

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
