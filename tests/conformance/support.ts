import type { LearnerOptions } from "#compute/device.ts";
import type { ConvLayer, Layer, Model } from "#compute/model.ts";
import { buildModel } from "#compute/models.ts";
import { HEAD_DEVIATION, initialWeights, parametersOf } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import { random } from "#lib/prng.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import type { Batch, Controls, LearnerState, PlainLearner } from "#train/learner.ts";
import type { OptimizerSpec, SpecNamed } from "#train/optimizer.ts";
import { inputsOf, ReferenceRun } from "./reference_run.ts";

export const CLASSES = 10;

export const SGD: SpecNamed<"sgd"> = {
  name: "sgd",
  momentum: 0.9,
  nesterov: false,
  weight_decay: 0,
  clip_norm: null,
};

/** Smooth random images (so that neighbouring pixels correlate, as in photographs) with random labels. */
export function syntheticData(count: number, size = 32): TrainingData {
  const source = random(11, "conformance", count, size);
  const pixels = (images: number): PixelSet => {
    const bytes = new Uint8Array(images * size * size * 3);
    const labels = Uint8Array.from({ length: images }, () => source.below(CLASSES));
    for (let index = 0; index < bytes.length; index++) {
      const before = index >= 3 ? bytes[index - 3]! : 128;
      bytes[index] = Math.max(0, Math.min(255, before + 40 * source.normal() + 0.1 * (128 - before)));
    }
    return { images: bytes, labels, count: images };
  };
  return {
    name: "synthetic",
    shape: [size, size, 3],
    classes: Array.from({ length: CLASSES }, (_, index) => `class ${index}`),
    labelUnit: "image",
    train: pixels(count),
    validation: pixels(70),
    test: pixels(3),
    mean: [0.5, 0.48, 0.45],
    std: [0.25, 0.24, 0.26],
    digest: "",
  };
}

/** Every kind of layer in an order and of sizes that nothing divides: ReLUs that no kernel takes in, odd rests. */
export const AWKWARD: Model = {
  name: "awkward",
  input: [13, 13, 3],
  classes: CLASSES,
  layers: [
    { kind: "conv", name: "wide", filters: 5, kernel: 5, stride: 2, padding: "same", bias: true },
    { kind: "max_pool", size: 3 },
    { kind: "relu" },
    { kind: "batch_norm", name: "norm" },
    { kind: "relu" },
    { kind: "conv", name: "narrow", filters: 7, kernel: 1, stride: 1, padding: "valid", bias: false },
    { kind: "batch_norm", name: "last" },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "hidden", units: 6 },
    { kind: "relu" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

const conv = (name: string, filters: number, options: Partial<ConvLayer> = {}): Layer => ({
  kind: "conv",
  name,
  filters,
  kernel: 3,
  stride: 1,
  padding: "same",
  bias: false,
  ...options,
});

/** The blocks of ResNet, narrow: a projection as the shortcut, then the input itself. */
export const RESIDUAL: Model = {
  name: "residual",
  input: [8, 8, 3],
  classes: CLASSES,
  layers: [
    conv("conv1", 4),
    { kind: "batch_norm", name: "norm1" },
    { kind: "relu" },
    {
      kind: "residual",
      name: "block1",
      main: [
        conv("block1/conv1", 6, { stride: 2 }),
        { kind: "batch_norm", name: "block1/norm1" },
        { kind: "relu" },
        conv("block1/conv2", 6),
        { kind: "batch_norm", name: "block1/norm2" },
      ],
      shortcut: [
        conv("block1/shortcut/conv", 6, { kernel: 1, stride: 2 }),
        { kind: "batch_norm", name: "block1/shortcut/norm" },
      ],
    },
    { kind: "relu" },
    {
      kind: "residual",
      name: "block2",
      main: [conv("block2/conv1", 6), { kind: "batch_norm", name: "block2/norm1" }],
      shortcut: [],
    },
    { kind: "relu" },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

const biased = (name: string, filters: number, options: Partial<ConvLayer> = {}) =>
  conv(name, filters, { bias: true, ...options });
const relu: Layer = { kind: "relu" };
const pool: Layer = { kind: "max_pool", size: 2 };
const up: Layer = { kind: "upsample", size: 2 };

/** A U-Net of three levels, with a convolution in one of its skip connections. */
export const SKIP: Model = {
  name: "skip",
  input: [8, 8, 3],
  classes: CLASSES,
  layers: [
    biased("conv1", 4),
    relu,
    {
      kind: "concat",
      name: "skip1",
      main: [
        pool,
        biased("skip1/conv1", 6),
        relu,
        {
          kind: "concat",
          name: "skip1/skip1",
          main: [pool, biased("skip1/skip1/conv1", 7), relu, up],
          shortcut: [],
        },
        biased("skip1/conv2", 5),
        relu,
        up,
      ],
      shortcut: [biased("skip1/shortcut/conv1", 3, { kernel: 1 })],
    },
    biased("conv2", 6),
    relu,
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

/**
 * Skip connections that no U-Net has: at the very start, behind a convolution without a bias, before a pool, a ReLU and
 * the global pool, with ReLUs and batch norm at the ends of branches, and upsampling by three.
 */
export const ODD_SKIP: Model = {
  name: "odd skip",
  input: [6, 6, 3],
  classes: CLASSES,
  layers: [
    { kind: "concat", name: "first", main: [biased("first/conv", 2), relu], shortcut: [] },
    conv("plain", 5),
    {
      kind: "concat",
      name: "second",
      main: [{ kind: "max_pool", size: 3 }, { kind: "upsample", size: 3 }],
      shortcut: [conv("second/conv", 3), { kind: "batch_norm", name: "second/norm" }, relu],
    },
    relu,
    {
      kind: "concat",
      name: "third",
      main: [
        {
          kind: "residual",
          name: "third/block",
          main: [conv("third/block/conv", 8), { kind: "batch_norm", name: "third/block/norm" }],
          shortcut: [],
        },
        relu,
      ],
      shortcut: [relu],
    },
    pool,
    { kind: "concat", name: "last", main: [up, biased("last/conv", 4), pool], shortcut: [] },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

/**
 * Blocks that no ResNet has, of odd sizes: at the very start, without a ReLU behind, with one at the end of a branch,
 * one in another, branches that pool or do nothing, and one behind a convolution without a bias.
 */
export const ODD_RESIDUAL: Model = {
  name: "odd residual",
  input: [9, 9, 3],
  classes: CLASSES,
  layers: [
    { kind: "residual", name: "first", main: [conv("first/conv", 3, { bias: true })], shortcut: [] },
    conv("plain", 5),
    {
      kind: "residual",
      name: "outer",
      main: [
        {
          kind: "residual",
          name: "inner",
          main: [conv("inner/conv", 5, { kernel: 5 }), { kind: "relu" }],
          shortcut: [{ kind: "batch_norm", name: "inner/norm" }, { kind: "relu" }],
        },
        { kind: "max_pool", size: 2 },
      ],
      shortcut: [conv("outer/conv", 5, { kernel: 3, stride: 2, padding: "valid", bias: true })],
    },
    { kind: "relu" },
    { kind: "residual", name: "last", main: [{ kind: "relu" }, conv("last/conv", 5)], shortcut: [] },
    { kind: "global_average_pool" },
    {
      kind: "residual",
      name: "features",
      main: [{ kind: "dense", name: "features/dense", units: 5 }],
      shortcut: [],
    },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

export function learnerOptions(
  model: string | Model,
  data: TrainingData,
  batchSize: number,
  optimizer: OptimizerSpec = SGD,
): LearnerOptions {
  const built = typeof model === "string" ? buildModel(model, data.shape, CLASSES) : model;
  return { model: built, optimizer, data, batchSize, initial: steepWeights(built, 5) };
}

/** `size` consecutive images, a third of them shifted and mirrored. */
export function someBatch(data: TrainingData, start: number, size: number): Batch {
  const every = (step: number, value: (item: number) => number) => (_: unknown, item: number) =>
    item % step === 0 ? value(item) : 0;
  const shape = { length: size };
  return {
    indices: Uint32Array.from(shape, (_, item) => (start + item) % data.train.count),
    shiftX: Int8Array.from(shape, every(3, (item) => (item % 9) - 4)),
    shiftY: Int8Array.from(shape, every(3, (item) => (item % 7) - 3)),
    flip: Uint8Array.from(shape, every(2, () => 1)),
  };
}

/** Float64 loss, gradients and moving statistics of a batch at the given weights. */
export function referenceStep(options: LearnerOptions, state: LearnerState, batch: Batch) {
  const { images, labels } = inputsOf(options.data, batch);
  return referenceGradients(options.model, state, images, labels);
}

/** A whole training run in float64: the loss before each step. */
export function referenceLosses(
  options: LearnerOptions,
  steps: readonly { batch: Batch; controls: Controls }[],
): number[] {
  const run = new ReferenceRun(options);
  return steps.map(({ batch, controls }) => run.update(batch, controls).loss);
}

/**
 * The gradients that a learner applied, through nothing but its public interface: with momentum 0 and no decay the
 * momentum buffer after one step is the gradient.
 */
export async function gradientsOf(
  learner: PlainLearner,
  batch: Batch,
): Promise<{ loss: number; state: LearnerState }> {
  learner.update(batch, { lr: 1, momentum: 0 });
  const [applied] = await learner.losses();
  return { loss: applied!.loss, state: await learner.save() };
}

/** √(Σ (a − b)² / Σ b²) */
export function rootMeanSquareError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, scale] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    error += (actual[index]! - expected[index]!) ** 2;
    scale += expected[index]! ** 2;
  }
  return Math.sqrt(scale === 0 ? error : error / scale);
}

/**
 * Initial weights with He's variance in the last layer too. The product starts that layer near zero, and the gradients
 * below it with it: so small that Adam divides rounding by rounding, and no two devices could agree to six digits.
 */
export function steepWeights(model: Model, seed: number): LearnerState {
  const initial = initialWeights(model, seed);
  const { name, shape } = parametersOf(model).filter(({ init }) => init === "he").at(-1)!;
  const factor = Math.sqrt(2 / shape[0]!) / HEAD_DEVIATION;
  return { ...initial, [name]: { shape, data: initial[name]!.data.map((value) => factor * value) } };
}
