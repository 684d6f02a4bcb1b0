import assert from "node:assert/strict";
import type { Device } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import type { Layer, Model } from "#compute/model.ts";
import { parametersOf } from "#compute/parameters.ts";
import { referenceGradients, type ReferenceState } from "#compute/reference/model.ts";
import { optimizerUpdate } from "#compute/reference/optimizer.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { decoder } from "#compute/transformers.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import type { TrainingData } from "#train/data.ts";
import type { SpecNamed } from "#train/optimizer.ts";
import { assertClose } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import golden from "./pytorch_transformer.json" with { type: "json" };

const { units, heads, tokens, vocabulary, side, patch, classes } = golden.sizes;

const linear = (name: string, filters: number): Layer => ({
  kind: "conv",
  name,
  filters,
  kernel: 1,
  stride: 1,
  padding: "valid",
  bias: true,
});

/** A block with RMS norm and ReLU², which none of the lab's models has. */
const VIT: Layer[] = [
  { kind: "conv", name: "patches", filters: units, kernel: patch, stride: patch, padding: "valid", bias: true },
  { kind: "positional_embedding", name: "positions" },
  {
    kind: "residual",
    name: "block1/sum1",
    main: [
      { kind: "rms_norm", name: "block1/norm1" },
      linear("block1/qkv", 3 * units),
      { kind: "attention", name: "block1/attention", heads, causal: false },
      linear("block1/projection", units),
    ],
    shortcut: [],
  },
  {
    kind: "residual",
    name: "block1/sum2",
    main: [
      { kind: "rms_norm", name: "block1/norm2" },
      linear("block1/expand", 4 * units),
      { kind: "relu_squared" },
      linear("block1/contract", units),
    ],
    shortcut: [],
  },
  { kind: "global_average_pool" },
  { kind: "dense", name: "dense", units: classes },
];

const text = (layers: Layer[]): Model => ({
  name: "golden",
  input: [tokens, 1, 1],
  classes: vocabulary,
  layers,
});
const SIZES = { blocks: 2, units, heads };

interface Seen {
  readonly inputs: readonly number[];
  readonly labels: readonly number[];
  readonly initial: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly logits: readonly number[];
  readonly gradients: Readonly<Record<string, number[]>>;
  readonly losses: readonly number[];
  readonly final: Readonly<Record<string, number[]>>;
}

const CASES: readonly { name: string; model: Model; seen: Seen }[] = [
  { name: "a decoder with layer norm before", model: text(decoder(SIZES, vocabulary)), seen: golden.gpt },
  {
    name: "a decoder with layer norm behind",
    model: text(decoder(SIZES, vocabulary, "post")),
    seen: golden.post_norm,
  },
  {
    name: "a vision transformer with RMS norm and ReLU²",
    model: { name: "golden", input: [side, side, 3], classes, layers: VIT },
    seen: golden.vit,
  },
];

/** The largest difference of two arrays. */
function furthest(seen: ArrayLike<number>, wanted: readonly number[], what: string): number {
  assert.equal(seen.length, wanted.length, what);
  return wanted.reduce((most, value, index) => Math.max(most, Math.abs(value - seen[index]!)), 0);
}

const ADAMW: SpecNamed<"adamw"> = {
  name: "adamw",
  betas: golden.optimizer.betas as [number, number],
  eps: golden.optimizer.eps,
  weight_decay: golden.optimizer.weight_decay,
  clip_norm: null,
};

for (const { name, model, seen } of CASES) {
  Deno.test(`${name} has PyTorch's logits, gradients and ten steps of AdamW, to 1e-10`, () => {
    const names = parametersOf(model).map((parameter) => parameter.name);
    const { initial } = seen;
    assert.deepEqual([...names].sort(), Object.keys(initial).sort());
    let weights: Readonly<Record<string, Float64Array>> = Object.fromEntries(names.map((each) => [each, Float64Array.from(initial[each]!.data)]));
    let slots: Record<string, Readonly<Record<string, Float64Array>>> = {};
    const inputs = Float64Array.from(seen.inputs);
    seen.losses.forEach((loss, step) => {
      const state: ReferenceState = Object.fromEntries(
        names.map((each) => [each, { shape: initial[each]!.shape, data: weights[each]! }]),
      );
      const result = referenceGradients(model, state, inputs, seen.labels);
      assert.ok(Math.abs(result.loss - loss) < 1e-11, `loss ${step} is ${result.loss}, PyTorch's ${loss}`);
      if (step === 0) {
        assert.ok(furthest(result.logits, seen.logits, "logits") < 1e-12);
        for (const [each, wanted] of Object.entries(seen.gradients)) {
          const off = furthest(result.gradients[each]!, wanted, each);
          assert.ok(off < 1e-12, `the gradient of ${each} is off by ${off}`);
        }
      }
      const { moved } = optimizerUpdate(
        names.map((each) => ({
          weight: weights[each]!,
          shape: initial[each]!.shape,
          hidden: false,
          gradient: result.gradients[each]!,
          slots: slots[each] ?? {},
          lr: golden.optimizer.lr,
          weightDecay: golden.optimizer.weight_decay,
          count: step + 1,
          set: 0,
        })),
        ADAMW,
        golden.optimizer.betas[0]!,
      );
      weights = Object.fromEntries(names.map((each, index) => [each, moved[index]!.weight]));
      slots = Object.fromEntries(names.map((each, index) => [each, moved[index]!.slots]));
    });
    // The bias of keys moves every score of a row alike, so its gradient is rounding alone, and Adam divides that by itself.
    for (const [each, wanted] of Object.entries(seen.final)) {
      const off = furthest(weights[each]!, wanted, each);
      assert.ok(off < 1e-10, `${each} is off by ${off} after ten steps`);
    }
  });
}

/** The golden inputs as bytes: tokens as they are, images as b / 64 − 2. */
function dataOf({ input, classes }: Model, { inputs, labels }: Seen): TrainingData {
  const isText = input[2] === 1;
  const images = Uint8Array.from(inputs, (value) => isText ? value : (value + 2) * 64);
  const set = {
    images,
    labels: Uint8Array.from(labels),
    count: images.length / (input[0] * input[1] * input[2]),
  };
  return {
    name: "golden",
    shape: input,
    classes: Array.from({ length: classes }, (_, index) => `${index}`),
    labelUnit: isText ? "token" : "image",
    ...(isText && { text: { unit: "character", charactersPerToken: 1, entropy: null } as const }),
    train: set,
    validation: set,
    test: set,
    mean: isText ? [0] : [128 / 255, 128 / 255, 128 / 255],
    std: isText ? [1 / 255] : [64 / 255, 64 / 255, 64 / 255],
    digest: "",
  };
}

const DEVICES: readonly { name: string; needs: "vulkan"[]; open: () => Promise<Device> }[] = [
  { name: "cpu", needs: [], open: () => openDevice("cpu") },
  { name: "wasm", needs: [], open: () => openDevice("wasm") },
  { name: "wasm, plain SIMD", needs: [], open: () => openWasmDevice({ build: "plain" }) },
  { name: "wasm, two threads", needs: [], open: () => openWasmDevice({ threads: 2 }) },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
];

for (const { name: device, needs, open } of DEVICES) {
  Deno.test(`device ${device}: transformers have PyTorch's gradients and losses of ten steps`, await requires(...needs), async () => {
    using opened = await open();
    // A program of WebGPU takes seconds to compile without a GPU.
    const cases = device === "webgpu" && !LONG ? CASES.slice(0, 1) : CASES;
    for (const { name, model, seen } of cases) {
      const data = dataOf(model, seen);
      const initial = Object.fromEntries(
        Object.entries(seen.initial).map(([each, { shape, data }]) =>
          [each, { shape, data: Float32Array.from(data) }] as const
        ),
      );
      const batch = plainBatch(0, data.train.count);
      using learner = await opened.createLearner({
        model,
        optimizer: ADAMW,
        data,
        batchSize: data.train.count,
        initial,
      });
      const gradients = await learner.gradients(batch);
      for (const [each, wanted] of Object.entries(seen.gradients)) {
        const as = { device, kernel: "gradients of golden transformers", shape: `${name}: ${each}` };
        assertClose(as, gradients[each]!, wanted, 2e-5);
      }
      const { lr, betas } = golden.optimizer;
      for (let step = 0; step < seen.losses.length; step++) {
        await learner.update(batch, { lr, momentum: betas[0]!, step });
      }
      (await learner.losses()).forEach(({ loss }, step) => {
        const error = Math.abs(loss - seen.losses[step]!);
        assert.ok(error < 1e-5, `${name}: loss ${step} is ${loss}, PyTorch's ${seen.losses[step]}`);
      });
    }
  });
}
