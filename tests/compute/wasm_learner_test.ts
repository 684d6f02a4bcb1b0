import assert from "node:assert/strict";
import type { LearnerOptions } from "#compute/device.ts";
import { type Model } from "#compute/model.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { referenceGradients, referenceInference } from "#compute/reference/model.ts";
import type { Build } from "#compute/wasm/build.ts";
import { bestBuild } from "#compute/wasm/kernels.ts";
import { WasmLearner } from "#compute/wasm/learner.ts";
import { GUARD_BYTES } from "#compute/wasm/plane.ts";
import { epochBatches } from "#train/batches.ts";
import type { LearnerState } from "#train/learner.ts";
import type { SpecNamed } from "#train/optimizer.ts";
import { ODD_RESIDUAL, RESIDUAL } from "../conformance/support.ts";
import { ReferenceRun } from "../conformance/reference_run.ts";
import { assertClose, relativeError } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { firstBatch, materialise, noiseData, ODD_MODEL } from "./wasm_support.ts";

const PLAIN_SGD: SpecNamed<"sgd"> = {
  name: "sgd",
  momentum: 0,
  nesterov: false,
  weight_decay: 0,
  clip_norm: null,
};
const CNN_SMALL = buildModel("cnn-small", [32, 32, 3], 10);
const BUILDS: Build[] = bestBuild() === "relaxed" ? ["relaxed", "plain"] : ["plain"];
const GUARD = 0xa5;

/** A learner with every guard of its memory painted. */
async function paintedLearner(options: LearnerOptions, build?: Build, threads = 1): Promise<WasmLearner> {
  const learner = await WasmLearner.create(options, build, threads);
  const { memory, guards } = learner.replica.buffers;
  for (const at of guards) new Uint8Array(memory.buffer, at, GUARD_BYTES).fill(GUARD);
  return learner;
}

function assertGuards(learner: WasmLearner): void {
  const { memory, guards } = learner.replica.buffers;
  for (const at of guards) {
    const touched = new Uint8Array(memory.buffer, at, GUARD_BYTES).findIndex((byte) => byte !== GUARD);
    assert.equal(touched, -1, `byte ${touched} behind the buffer that ends at ${at} was written`);
  }
}

function optionsFor(model: Model, batchSize: number, optimizer = PLAIN_SGD): LearnerOptions {
  const data = noiseData(model.input, model.classes, { train: 2 * batchSize + 3, validation: 21, test: 5 });
  return { model, optimizer, data, batchSize, initial: initialWeights(model, 3) };
}

/**
 * Batches as large as those that train take float64 seconds: in long tests alone. Of few images, batch norm's sums are
 * of few values that Winograd's F(4 × 4, 3 × 3) rounds: 4.7e-6 was measured.
 */
const GRADIENT_CASES = [
  { model: ODD_MODEL, batchSize: 6 },
  { model: CNN_SMALL, batchSize: LONG ? 64 : 17 },
  { model: buildModel("cnn", [32, 32, 3], 10), batchSize: LONG ? 16 : 3 },
  { model: RESIDUAL, batchSize: 8 },
  { model: ODD_RESIDUAL, batchSize: 5 },
];

for (const { model, batchSize } of GRADIENT_CASES) {
  const name = `${model.name}, batch ${batchSize}: loss and gradients of both builds are float64's to 8e-6`;
  Deno.test(name, async () => {
    const options = optionsFor(model, batchSize);
    const batch = firstBatch(options.data, batchSize);
    const { images, labels } = materialise(options.data, batch);
    const wanted = referenceGradients(model, options.initial, images, labels);
    for (const build of BUILDS) {
      using learner = await paintedLearner(options, build);
      const [loss] = learner.replica.lossesAndGradients(batch);
      const seen = { loss: loss!, gradients: learner.replica.gradients() };
      assertGuards(learner);
      assert.ok(Math.abs(seen.loss - wanted.loss) < 1e-6 * Math.max(1, wanted.loss));
      for (const [name, gradient] of Object.entries(wanted.gradients)) {
        // A bias before a batch norm has no gradient but rounding.
        if (gradient.every((value) => Math.abs(value) < 1e-12)) {
          assert.ok(seen.gradients[name]!.every((value) => Math.abs(value) < 1e-6), name);
          continue;
        }
        const what = {
          device: build === "relaxed" ? "wasm" : "wasm, plain SIMD",
          kernel: `gradients of ${model.name}`,
          shape: `${name}, batch ${batchSize}`,
        };
        assertClose(what, seen.gradients[name]!, gradient, 8e-6);
      }
    }
  });
}

const OPTIMIZERS: SpecNamed<"sgd">[] = [
  PLAIN_SGD,
  { ...PLAIN_SGD, momentum: 0.9 },
  { ...PLAIN_SGD, momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: 0.5 },
];

for (const optimizer of OPTIMIZERS) {
  Deno.test(`three steps are the reference's, moving statistics included: ${JSON.stringify(optimizer)}`, async () => {
    const options = optionsFor(ODD_MODEL, 8, optimizer);
    using learner = await paintedLearner(options);
    const reference = new ReferenceRun(options);
    const controls = { lr: 0.03, momentum: optimizer.momentum };
    const batches = [
      ...epochBatches({ seed: 1, count: options.data.train.count, batchSize: 8, augment: ["crop"] }, 0),
    ];
    assert.equal(batches.at(-1)!.indices.length, 3, "the last batch is partial");
    const losses = batches.map((batch) => {
      learner.update(batch, controls);
      return reference.update(batch, controls).loss;
    });
    const applied = await learner.losses();
    assert.ok(relativeError(applied.map(({ loss }) => loss), losses) < 1e-5);
    assert.deepEqual(applied.map(({ lr }) => lr), batches.map(() => Math.fround(0.03)));
    assert.deepEqual(
      applied.map(({ momentum }) => momentum),
      batches.map(() => Math.fround(optimizer.momentum)),
    );
    assert.deepEqual(await learner.losses(), []);
    const saved = await learner.save();
    for (const [name, { data }] of Object.entries(reference.state)) {
      const error = Math.max(...data.map((value, at) => Math.abs(value - saved[name]!.data[at]!)));
      assert.ok(error < (name.endsWith("/momentum") ? 1e-4 : 2e-5), `${name}: ${error}`);
    }
    assertGuards(learner);
  });
}

Deno.test("evaluation is the reference's inference over the whole split, and changes nothing", async () => {
  const options = optionsFor(ODD_MODEL, 8);
  using learner = await paintedLearner(options);
  learner.update(firstBatch(options.data, 8), { lr: 0.05, momentum: 0 });
  const before = await learner.save();
  const seen = await learner.evaluate("validation");
  assert.deepEqual(await learner.save(), before);
  const { validation } = options.data;
  const whole = firstBatch({ ...options.data, train: validation }, validation.count, []);
  const { images, labels } = materialise({ ...options.data, train: validation }, whole);
  const wanted = referenceInference(ODD_MODEL, before, images, labels);
  assert.ok(Math.abs(seen.loss - wanted.loss) < 1e-5);
  assert.equal(seen.accuracy, wanted.correct / validation.count);
  assert.equal(seen.count, validation.count);
  assertGuards(learner);
});

Deno.test("the same inputs give the same bits, and a saved learner goes on with them", async () => {
  const options = optionsFor(CNN_SMALL, 16, { ...PLAIN_SGD, momentum: 0.9, weight_decay: 1e-4 });
  const batch = firstBatch(options.data, 16);
  const run = async (from: LearnerState, steps: number) => {
    using learner = await WasmLearner.create({ ...options, initial: from });
    for (let step = 0; step < steps; step++) learner.update(batch, { lr: 0.05, momentum: 0.9 });
    return await learner.save();
  };
  const whole = await run(options.initial, 6);
  assert.deepEqual(await run(options.initial, 6), whole);
  assert.deepEqual(await run(await run(options.initial, 4), 2), whole);
});

Deno.test("a network learns: 40 epochs of cnn-small learn what the images show", async () => {
  const options = optionsFor(CNN_SMALL, 32);
  using learner = await WasmLearner.create(options);
  for (let epoch = 0; epoch < 40; epoch++) {
    const plan = { seed: 1, count: options.data.train.count, batchSize: 32, augment: ["flip"] as const };
    for (const batch of epochBatches(plan, epoch)) learner.update(batch, { lr: 0.02, momentum: 0.9 });
  }
  const losses = (await learner.losses()).map(({ loss }) => loss);
  // The bright channel separates three groups of the ten classes, and nothing more.
  const floor = Math.log(10 / 3);
  assert.ok(losses[0]! > 2 && losses.at(-2)! < floor + 0.1, `${losses[0]} to ${losses.at(-2)}`);
});

Deno.test("what does not fit is refused by name", async () => {
  const options = optionsFor(ODD_MODEL, 4);
  using learner = await WasmLearner.create(options);
  const controls = { lr: 0.1, momentum: 0 };
  assert.throws(() => learner.update(plainBatch(0, 0), controls), /batch of no images/);
  const beyond = { ...firstBatch(options.data, 4), indices: Uint32Array.of(0, 1, 2, 99) };
  assert.throws(() => learner.update(beyond, controls), /image 99 of 11/);
  await assert.rejects(async () => await learner.load({}), RangeError);
  const large = { ...options, batchSize: 10_000_000 };
  await assert.rejects(
    WasmLearner.create(large),
    /Cannot plan [\d.]+ GiB: .*at most 4; take smaller batches/,
  );
  const labels = options.data.train.labels.slice();
  labels[2] = 7;
  const data = { ...options.data, train: { ...options.data.train, labels } };
  await assert.rejects(WasmLearner.create({ ...options, data }), /Label 7 of train image 2.*7 classes/);
});
