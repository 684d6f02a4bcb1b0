import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import type { ConvLayer, Layer, Model } from "#compute/model.ts";
import { slotName } from "#compute/state.ts";
import { random } from "#lib/prng.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import { assertClose } from "../support/errors.ts";
import { requires } from "../support/requires.ts";
import { OPTIMIZERS } from "./contract_cases.ts";
import { DEVICES } from "./device_list.ts";
import { inputsOf, ReferenceRun } from "./reference_run.ts";
import { CLASSES, learnerOptions, someBatch } from "./support.ts";
import { referenceGradients } from "#compute/reference/model.ts";

/** Of the largest value of each gradient. Measured: 1e-6. */
const TOLERANCE = 1e-5;

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

/** A decoder's block, each norm and activation once, with dropout behind both branches. */
const DECODER: Model = {
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
        { kind: "attention", name: "attend/attention", heads: 2, causal: true },
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
const ODD: Model = {
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

/** Random tokens, some of them often, as bytes that normalise to themselves. */
function tokenData(count: number): TrainingData {
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
function optionsOf(model: Model, optimizer?: LearnerOptions["optimizer"]): LearnerOptions {
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

for (const name of ["wasm", "webgpu"]) {
  const { needs, open } = DEVICES.find((device) => device.name === name)!;
  Deno.test(`device ${name}: layers for tokens`, await requires(...needs), async (t) => {
    using device = await open();
    for (const model of [DECODER, ODD]) {
      await t.step(`gradients of ${model.name} agree with float64`, async () => {
        const options = optionsOf(model);
        const batch = someBatch(options.data, 0, 7);
        const { images, labels } = inputsOf(options.data, batch);
        const dropoutMask = { seed: 3, step: 2, first: 0 };
        const truth = referenceGradients(model, options.initial, images, labels, { dropoutMask });
        using learner = await device.createLearner(options);
        learner.update(batch, { lr: 1, momentum: 0, step: 2 });
        const { loss } = (await learner.losses())[0]!;
        assert.ok(Math.abs(loss - truth.loss) < 1e-6 * truth.loss, `loss ${loss}, expected ${truth.loss}`);
        const state = await learner.save();
        for (const [variable, gradient] of Object.entries(truth.gradients)) {
          const as = { device: name, kernel: `gradients of ${model.name}`, shape: variable };
          assertClose(as, state[slotName(variable)]!.data, gradient, TOLERANCE);
        }
      });
    }

    await t.step("Muon takes the matrices of a decoder alone: six clipped steps are float64's", async () => {
      const { spec, lr } = OPTIMIZERS["Muon"]!;
      const options = optionsOf(DECODER, { ...spec, clip_norm: 0.1, weight_decay: 0.1 });
      using learner = await device.createLearner(options);
      const truth = new ReferenceRun(options);
      const losses = [];
      for (let step = 0; step < 6; step++) {
        const batch = someBatch(options.data, 7 * step, step === 4 ? 3 : 7);
        learner.update(batch, { lr, momentum: 0.9, step });
        losses.push(truth.update(batch, { lr, momentum: 0.9, step }).loss);
      }
      const seen = await learner.losses();
      losses.forEach((loss, step) =>
        assert.ok(
          Math.abs(seen[step]!.loss - loss) < 1e-5 * loss,
          `loss ${step}: ${seen[step]!.loss}, not ${loss}`,
        )
      );
      const state = await learner.save();
      for (const [variable, { data }] of Object.entries(truth.state)) {
        const as = { device: name, kernel: "six steps of Muon", shape: `decoder: ${variable}` };
        assertClose(as, state[variable]!.data, data, 1e-4);
      }
    });
  });
}
