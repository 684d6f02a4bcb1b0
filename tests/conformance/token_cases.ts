import type { LearnerOptions } from "#compute/device.ts";
import type { ConvLayer, Layer, Model } from "#compute/model.ts";
import { random } from "#lib/prng.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import { CLASSES, learnerOptions } from "./support.ts";

const TOKENS = 12;
const linear = (name: string, filters: number): ConvLayer => ({
  kind: "conv",
  name,
  filters,
  kernel: 1,
  stride: 1,
  padding: "valid",
  bias: true,
});
const relu: Layer = { kind: "relu" };
const pooled: readonly Layer[] = [
  { kind: "global_average_pool" },
  { kind: "dense", name: "dense", units: CLASSES },
];

/** A decoder's block, each norm and activation once, with dropout in attention and behind both branches. */
export const DECODER: Model = {
  name: "decoder",
  input: [TOKENS, 1, 1],
  classes: CLASSES,
  layers: [
    { kind: "embedding", name: "embedding", vocabulary: CLASSES, units: 8 },
    { kind: "positional_embedding", name: "positions" },
    {
      kind: "residual",
      name: "attend",
      main: [
        { kind: "layer_norm", name: "attend/norm" },
        // Keys' biases cancel out of the softmax: their gradient is rounding, which AdamW would divide by itself.
        { ...linear("attend/qkv", 24), bias: false },
        { kind: "attention", name: "attend/attention", heads: 2, causal: true, dropout: 0.3 },
        linear("attend/out", 8),
        { kind: "dropout", name: "attend/dropout", rate: 0.2 },
      ],
      shortcut: [],
    },
    {
      kind: "residual",
      name: "mlp",
      main: [
        { kind: "rms_norm", name: "mlp/norm" },
        linear("mlp/up", 20),
        { kind: "gelu" },
        linear("mlp/down", 8),
        { kind: "relu_squared" },
        { kind: "dropout", name: "mlp/dropout", rate: 0.1 },
      ],
      shortcut: [],
    },
    { kind: "layer_norm", name: "norm" },
    ...pooled,
  ],
};

/** Sizes that nothing divides, and every one of these layers behind a ReLU, whose gradient it then has to mask. */
export const ODD: Model = {
  name: "odd tokens",
  input: [TOKENS, 1, 1],
  classes: CLASSES,
  layers: [
    { kind: "embedding", name: "embedding", vocabulary: CLASSES, units: 5 },
    linear("first", 7),
    relu,
    { kind: "positional_embedding", name: "positions" },
    linear("second", 15),
    relu,
    { kind: "attention", name: "attention", heads: 1, causal: false },
    linear("third", 9),
    relu,
    { kind: "attention", name: "causal", heads: 3, causal: true },
    linear("fourth", 3),
    relu,
    { kind: "gelu" },
    linear("fifth", 3),
    relu,
    { kind: "relu_squared" },
    linear("sixth", 6),
    relu,
    { kind: "layer_norm", name: "norm" },
    linear("seventh", 3),
    relu,
    { kind: "rms_norm", name: "rms" },
    ...pooled,
  ],
};

/** Attention with dropout behind a ReLU, at sizes that nothing divides. */
export const DROPPED: Model = {
  name: "dropped attention",
  input: [TOKENS, 1, 1],
  classes: CLASSES,
  layers: [
    { kind: "embedding", name: "embedding", vocabulary: CLASSES, units: 5 },
    { kind: "positional_embedding", name: "positions" },
    { kind: "dropout", name: "dropout", rate: 0.1 },
    linear("qkv", 27),
    relu,
    { kind: "attention", name: "attention", heads: 3, causal: false, dropout: 0.25 },
    linear("out", 7),
    relu,
    ...pooled,
  ],
};

/** Random tokens, some of them often, as bytes that normalise to themselves. */
export function tokenData(count: number): TrainingData {
  const source = random(5, "tokens");
  const tokens = (images: number): PixelSet => ({
    images: Uint8Array.from(
      { length: images * TOKENS },
      () => Math.floor(CLASSES * source.uniform() ** 2),
    ),
    labels: Uint8Array.from({ length: images }, () => source.below(CLASSES)),
    count: images,
  });
  return {
    name: "tokens",
    shape: [TOKENS, 1, 1],
    classes: Array.from({ length: CLASSES }, (_, index) => `${index}`),
    train: tokens(count),
    validation: tokens(9),
    test: tokens(3),
    mean: [0],
    std: [1 / 255],
    labelUnit: "image",
    digest: "",
  };
}

/** Embeddings of a size that the layers behind them feel: those of the first step are hundredths. */
export function tokenOptions(model: Model, optimizer?: LearnerOptions["optimizer"]): LearnerOptions {
  const options = { ...learnerOptions(model, tokenData(40), 7, optimizer), dropoutSeed: 3 };
  const initial = Object.fromEntries(
    Object.entries(options.initial).map(([name, { shape, data }]) =>
      [name, {
        shape,
        data: data.map((value) => /embedding|positions/.test(name) ? 30 * value : value),
      }] as const
    ),
  );
  return { ...options, initial };
}
