import { type Augmentation, epochBatches, fillBatch } from "#train/batches.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import type { Batch } from "#train/learner.ts";
import type { Model } from "#compute/model.ts";
import { random } from "#lib/prng.ts";

/** Images of noise with a class-coloured block, so that a network can learn them; the same for the same seed. */
export function noiseData(
  shape: TrainingData["shape"],
  classes: number,
  counts: Record<"train" | "validation" | "test", number>,
): TrainingData {
  const split = (name: keyof typeof counts): PixelSet => {
    const source = random("noise data", name, shape.join());
    const size = shape[0] * shape[1] * shape[2];
    const labels = Uint8Array.from({ length: counts[name] }, () => source.below(classes));
    const images = Uint8Array.from({ length: counts[name] * size }, (_, index) => {
      const bright = labels[Math.floor(index / size)]! % shape[2] === index % shape[2] ? 60 : 0;
      return source.below(196) + bright;
    });
    return { images, labels, count: counts[name] };
  };
  return {
    name: "noise",
    shape,
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    labelUnit: "image",
    train: split("train"),
    validation: split("validation"),
    test: split("test"),
    mean: Array.from({ length: shape[2] }, (_, channel) => 0.4 + 0.03 * channel),
    std: Array.from({ length: shape[2] }, (_, channel) => 0.25 - 0.02 * channel),
    digest: "noise",
  };
}

export function firstBatch(
  data: TrainingData,
  batchSize: number,
  augment: readonly Augmentation[] = ["crop", "flip"],
): Batch {
  const [batch] = epochBatches({ seed: 5, count: data.train.count, batchSize, augment }, 0);
  return batch!;
}

/** The batch as the reference wants it. */
export function materialise(data: TrainingData, batch: Batch): { images: Float32Array; labels: number[] } {
  const images = new Float32Array(batch.indices.length * data.shape[0] * data.shape[1] * data.shape[2]);
  fillBatch(data, batch, images);
  return { images, labels: Array.from(batch.indices, (index) => data.train.labels[index]!) };
}

/** Every kind of layer in an order that the lab's own models do not have; odd sizes, strides, channel tails. */
export const ODD_MODEL: Model = {
  name: "odd",
  input: [13, 11, 3],
  classes: 7,
  layers: [
    { kind: "batch_norm", name: "norm0" },
    { kind: "conv", name: "conv1", filters: 5, kernel: 5, stride: 2, padding: "same", bias: true },
    { kind: "relu" },
    { kind: "conv", name: "conv2", filters: 9, kernel: 3, stride: 1, padding: "valid", bias: false },
    { kind: "conv", name: "conv3", filters: 13, kernel: 1, stride: 1, padding: "same", bias: true },
    { kind: "max_pool", size: 2 },
    { kind: "relu" },
    { kind: "conv", name: "conv4", filters: 17, kernel: 2, stride: 2, padding: "same", bias: true },
    { kind: "batch_norm", name: "norm4" },
    { kind: "relu" },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense1", units: 6 },
    { kind: "relu" },
    { kind: "dense", name: "dense2", units: 7 },
  ],
};
