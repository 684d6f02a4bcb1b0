import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import type { Model } from "#compute/model.ts";
import { decoder } from "#compute/transformers.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { GRAMMAR_CHARACTERS } from "#datasets/text/grammar.ts";
import { measureHessian } from "#train/hessian.ts";
import type { Batch, Learner } from "#train/learner.ts";
import type { LossSpec } from "#train/loss.ts";
import { initialWeights, parametersOf } from "#compute/parameters.ts";
import { SGD, someBatch } from "../conformance/support.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";
import { textData, textOptions } from "../support/text.ts";

const STEPS = LONG ? 8 : 5;
const batchAt = ({ data }: LearnerOptions, step: number): Batch => someBatch(data, 5 * step, 8 - step % 2);

async function steps(learner: Learner, options: LearnerOptions, from = 0, to = STEPS) {
  for (let step = from; step < to; step++) {
    await learner.update(batchAt(options, step), { lr: 0.2, momentum: 0.9, step });
  }
  return await learner.losses();
}

const DEVICES = [
  { name: "wasm", needs: [], open: () => openDevice("wasm") },
  { name: "wasm, two threads", needs: [], open: () => openWasmDevice({ threads: 2 }) },
  { name: "webgpu", needs: ["vulkan"], open: sharedWebgpuDevice },
] as const;

const LOSSES: readonly LossSpec[] = [
  { name: "cross_entropy", label_smoothing: 0 },
  { name: "cross_entropy", label_smoothing: 0.1 },
  { name: "focal", gamma: 2 },
];

const near = (seen: number, wanted: number, share: number) =>
  assert.ok(Math.abs(seen - wanted) <= share * Math.max(1, Math.abs(wanted)), `${seen}, expected ${wanted}`);

async function truth(options: LearnerOptions) {
  using device = await openDevice("cpu");
  using learner = await device.createLearner(options);
  const gradients = await learner.gradients(batchAt(options, 1));
  await learner.load(options.initial);
  const applied = await steps(learner, options);
  return {
    gradients,
    applied,
    evaluation: await learner.evaluate("validation"),
    logits: await learner.predict("test"),
  };
}

/** A decoder of one block, which the next token is predicted by. */
function decoderOptions(): LearnerOptions {
  const classes = GRAMMAR_CHARACTERS.length;
  const layers = decoder({ blocks: 1, units: 8, heads: 2 }, classes);
  const model: Model = { name: "decoder", input: [12, 1, 1], classes, layers };
  return textOptions({ model, initial: initialWeights(model, 1) });
}

const CASES = [
  ...LOSSES.map((loss) => ({ what: Object.values(loss).join(" "), options: textOptions({ loss }) })),
  { what: "a decoder", options: decoderOptions() },
  { what: "batches in parts", options: textOptions({ batchSize: 3 }) },
];

/** Cases that are run on WebGPU too: each compiles kernels of its own. */
const ONCE = ["cross_entropy 0.1", "a decoder", "batches in parts"];

for (const { what, options } of CASES) {
  const wanted = truth(options);
  // The kernels of every loss are tested by themselves; of a device's programs two losses show as much as four.
  const devices = DEVICES.filter(({ name }) => name !== "webgpu" || ONCE.includes(what));
  for (const { name, needs, open } of devices) {
    Deno.test(`device ${name}: text with ${what} agrees with float64`, await requires(...needs), async () => {
      using device = await open();
      using learner = await device.createLearner(options);
      const { gradients, applied, evaluation, logits } = await wanted;
      for (const [parameter, values] of Object.entries(await learner.gradients(batchAt(options, 1)))) {
        const right = gradients[parameter]!;
        const largest = Math.max(...Array.from(right, Math.abs));
        const off = Math.max(...Array.from(right, (value, at) => Math.abs(value - values[at]!)));
        assert.ok(off < 3e-5 * largest, `${parameter} is off by ${off} of ${largest}`);
      }
      await learner.load(options.initial);
      const seen = await steps(learner, options);
      seen.forEach(({ loss }, step) => near(loss, applied[step]!.loss, 1e-4));
      const { loss, accuracy, text } = await learner.evaluate("validation");
      near(loss, evaluation.loss, 1e-3);
      near(accuracy, evaluation.accuracy, 0.02);
      near(text!.perplexity, Math.exp(loss), 1e-9);
      near(text!.bits_per_character, loss / Math.LN2, 1e-9);
      const predicted = await learner.predict("test");
      assert.equal(predicted.length, 7 * 12 * options.model.classes);
      const most = Math.max(...predicted.map((value, at) => Math.abs(value - logits[at]!)));
      assert.ok(most < 2e-2, `logits are off by ${most}`);
    });
  }
}

Deno.test("the loss of text is the mean over all tokens, and so is its gradient", async () => {
  const options = textOptions();
  const { data, model: { classes } } = options;
  using device = await openDevice("cpu");
  using learner = await device.createLearner(options);
  const logits = await learner.predict("test");
  let [nats, hits] = [0, 0];
  data.test.labels.forEach((label, token) => {
    const row = [...logits.subarray(token * classes, (token + 1) * classes)];
    nats += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label]!;
    hits += Number(row.indexOf(Math.max(...row)) === label);
  });
  const { loss, accuracy, count } = await learner.evaluate("test");
  assert.deepEqual([count, accuracy], [7, hits / data.test.labels.length]);
  near(loss, nats / data.test.labels.length, 1e-6);
  // A bias of the last layer moves the loss as its gradient says.
  const batch = { ...batchAt(options, 0), indices: Uint32Array.of(1, 3) };
  const gradient = (await learner.gradients(batch))["head/bias"]!;
  const lossAt = async (change: number) => {
    const bias = options.initial["head/bias"]!;
    const moved = { ...bias, data: bias.data.map((value, at) => at === 4 ? value + change : value) };
    await learner.load({ ...options.initial, "head/bias": moved });
    learner.update(batch, { lr: 0, momentum: 0 });
    return (await learner.losses())[0]!.loss;
  };
  near(gradient[4]!, (await lossAt(1e-2) - await lossAt(-1e-2)) / 2e-2, 1e-5);
});

for (const { name, needs, open } of DEVICES) {
  Deno.test(
    `device ${name}: text continues from a saved state bit for bit`,
    await requires(...needs),
    async () => {
      const options = textOptions({ batchSize: 3 });
      using device = await open();
      using whole = await device.createLearner(options);
      const all = await steps(whole, options);
      using first = await device.createLearner(options);
      await steps(first, options, 0, 3);
      using second = await device.createLearner(options);
      await second.load(await first.save());
      assert.deepEqual(await steps(second, options, 3), all.slice(3));
      assert.deepEqual(await second.save(), await whole.save());
    },
  );
}

Deno.test("the sharpness of text is the same on both devices", async () => {
  const options = textOptions();
  const trainable = parametersOf(options.model).filter((one) => one.trainable).map(({ name }) => name);
  const plan = {
    steps: 1,
    every: 1,
    batch: batchAt(options, 0),
    products: 20,
    seed: 1,
    optimizer: SGD,
    trainable,
  };
  const seen = await Promise.all((["cpu", "wasm"] as const).map(async (backend) => {
    using device = await openDevice(backend);
    using learner = await device.createLearner(options);
    return (await measureHessian(learner, plan, { step: 0, lr: 0.1, momentum: 0.9 }))!.eigenvalue;
  }));
  near(seen[0]!, seen[1]!, 0.01);
  assert.ok(seen[0]! > 0);
});

Deno.test("a network learns neighbouring characters within 150 steps", async () => {
  using device = await openDevice("wasm");
  const options = textOptions({ data: textData(12, 200) });
  using learner = await device.createLearner(options);
  const before = await learner.evaluate("validation");
  near(before.loss, Math.log(options.model.classes), 0.05);
  await steps(learner, options, 0, 150);
  assert.ok((await learner.evaluate("validation")).loss < 0.75 * before.loss);
});

Deno.test("tokens and losses that do not fit are refused", async () => {
  using device = await openDevice("wasm");
  const data = textData();
  const images = data.train.images.slice().fill(200, 5, 6);
  await assert.rejects(
    async () =>
      await device.createLearner(textOptions({ data: { ...data, train: { ...data.train, images } } })),
    /Token 200 of train is not below the model's 41 classes/,
  );
  using learner = await device.createLearner(
    textOptions({ loss: { name: "dice", smoothing: 1, include_background: false } }),
  );
  assert.throws(
    () => learner.update(batchAt(textOptions(), 0), { lr: 0.1, momentum: 0 }),
    /needs images with masks/,
  );
});
