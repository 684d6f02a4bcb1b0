import { parametersOf } from "#compute/parameters.ts";
import { random } from "#lib/prng.ts";
import type { Model } from "#compute/model.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import type { Network } from "#train/plan.ts";
import type { Artifact } from "#train/trainer_state.ts";

/** Two classes of 4×4 images, stripes along or across, with noise: learnt within a few dozen steps. */
export function tinyData(train = 50, seed = 1): TrainingData {
  const source = random(seed, "tiny");
  const set = (count: number): PixelSet => {
    const images = new Uint8Array(new SharedArrayBuffer(count * 16));
    const labels = new Uint8Array(new SharedArrayBuffer(count));
    for (let item = 0; item < count; item++) {
      labels[item] = item % 2;
      for (let pixel = 0; pixel < 16; pixel++) {
        const line = labels[item] === 0 ? pixel % 4 : Math.floor(pixel / 4);
        images[item * 16 + pixel] = Math.floor((line % 2 === 0 ? 150 : 60) + 50 * source.uniform());
      }
    }
    return { images, labels, count };
  };
  return {
    name: "tiny",
    shape: [4, 4, 1],
    classes: ["along", "across"],
    labelUnit: "image",
    train: set(train),
    validation: set(20),
    test: set(20),
    mean: [0.5],
    std: [0.25],
    digest: "tiny",
  };
}

export const TINY_MODEL: Model = {
  name: "tiny",
  input: [4, 4, 1],
  classes: 2,
  layers: [
    { kind: "conv", name: "conv1", filters: 8, kernel: 3, stride: 1, padding: "same", bias: true },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: 2 },
  ],
};

/** The same with batch norm. */
export const TINY_NORM_MODEL: Model = {
  ...TINY_MODEL,
  name: "tiny-norm",
  layers: [
    ...TINY_MODEL.layers.slice(0, 1),
    { kind: "batch_norm", name: "norm1" },
    ...TINY_MODEL.layers.slice(1),
  ],
};

export function networkOf(model: Model): Network {
  const parameters = parametersOf(model);
  return {
    trainable: parameters.filter(({ trainable }) => trainable).map(({ name }) => name),
    all: parameters.map(({ name }) => name),
    classes: model.classes,
  };
}

export const TINY_NETWORK = networkOf(TINY_MODEL);

/** What a run tells, without what it keeps. */
export function eventsOf(outputs: readonly (TrainEvent | Artifact)[]): TrainEvent[] {
  return outputs.filter((output): output is TrainEvent => output.kind !== "save" && output.kind !== "delete");
}
