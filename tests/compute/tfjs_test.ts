import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Model } from "#compute/model.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openTfjsDevice } from "#compute/tfjs/device.ts";
import type { LearnerOptions } from "#compute/device.ts";
import { LONG } from "../support/long.ts";
import { CLASSES, SGD, someBatch, syntheticData } from "../conformance/support.ts";

/** Every kind of layer, as small as can be. */
const TINY: Model = {
  name: "tiny",
  input: [4, 4, 3],
  classes: CLASSES,
  layers: [
    { kind: "conv", name: "conv", filters: 2, kernel: 3, stride: 1, padding: "same", bias: true },
    { kind: "batch_norm", name: "norm" },
    { kind: "relu" },
    { kind: "max_pool", size: 2 },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: CLASSES },
  ],
};

const data = syntheticData(8, 4);
const options: LearnerOptions = {
  model: TINY,
  optimizer: { ...SGD, nesterov: true, weight_decay: 1e-4, clip_norm: 1 },
  data,
  batchSize: 2,
  initial: initialWeights(TINY, 1),
};
const batch = someBatch(data, 0, 2);
const step = { lr: 0.01, momentum: 0.9 };

/** A tensor that a step leaves behind shows at the next one; one that every hundredth leaves, in long tests. */
const LAST = LONG ? 1000 : 150;

Deno.test(`the number of tensors is flat from step 10 to step ${LAST} and returns to where it was`, async () => {
  using device = await openTfjsDevice("wasm");
  const before = tf.memory().numTensors;
  {
    using learner = await device.createLearner(options);
    for (let done = 0; done < 10; done++) learner.update(batch, step);
    await learner.losses();
    const after10 = tf.memory().numTensors;
    for (let done = 10; done < LAST; done++) {
      learner.update(batch, step);
      if (done % 50 === 0) await learner.losses();
    }
    await learner.losses();
    assert.equal(tf.memory().numTensors, after10);
    await learner.evaluate("validation");
    await learner.load(await learner.save());
    assert.equal(tf.memory().numTensors, after10);
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a run that stops early leaves no tensors behind", async () => {
  using device = await openTfjsDevice("wasm");
  const before = tf.memory().numTensors;
  await assert.rejects(async () => {
    using learner = await device.createLearner(options);
    learner.update(batch, step);
    learner.update(batch, step);
    // Losses that nobody read, and an error on the way out.
    learner.update({ ...batch, indices: Uint32Array.of(1, 2) }, { lr: NaN, momentum: 0 });
    throw new Error("stopped");
  }, /stopped/);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a run refuses to go on when tfjs was switched to another backend", async () => {
  using device = await openTfjsDevice("wasm");
  using learner = await device.createLearner(options);
  using _other = await openTfjsDevice("cpu");
  assert.throws(() => learner.update(batch, step), /started on wasm.* switched to cpu/);
  await tf.setBackend("wasm");
});

Deno.test("a backend that tfjs cannot take is an error, not another backend", async () => {
  const { takeBackend } = await import("#compute/tfjs/backend.ts");
  await assert.rejects(() => takeBackend("no-such-backend"), /no-such-backend/);
});
