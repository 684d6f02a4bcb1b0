import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { LearnerOptions, PlainDevice } from "#compute/device.ts";
import { buildModel } from "#compute/models.ts";
import { initialWeights } from "#compute/parameters.ts";
import { openTfjsDevice } from "#compute/tfjs/device.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { epochBatches } from "#train/batches.ts";
import type { PlainLearner } from "#train/learner.ts";
import { LONG } from "../support/long.ts";
import { noiseData } from "./wasm_support.ts";

// The networks differ by rounding alone, and training multiplies that: after 50 steps the losses of these cases
// differed by 8e-7, 8e-4 and 5e-5 of themselves. The cpu backend shares no kernel with the lab's.
const CASES = [
  { backend: "cpu", model: buildModel("cnn-small", [8, 8, 3], 10), batchSize: 3, steps: LONG ? 50 : 12 },
  { backend: "wasm", model: buildModel("cnn-small", [32, 32, 3], 10), batchSize: 16, steps: LONG ? 50 : 20 },
  { backend: "wasm", model: buildModel("cnn", [12, 12, 3], 10), batchSize: 8, steps: LONG ? 50 : 20 },
] as const;

async function losses(learner: PlainLearner, options: LearnerOptions, steps: number): Promise<number[]> {
  const { data, batchSize } = options;
  let step = 0;
  for (let epoch = 0; step < steps; epoch++) {
    const plan = { seed: 4, count: data.train.count, batchSize, augment: ["crop", "flip"] as const };
    for (const batch of epochBatches(plan, epoch)) {
      if (step++ < steps) learner.update(batch, { lr: 0.02, momentum: 0.9 });
    }
  }
  return (await learner.losses()).map(({ loss }) => loss);
}

for (const { backend, model, batchSize, steps } of CASES) {
  Deno.test(`${steps} static steps of ${model.name} at ${model.input} agree with tfjs op by op on ${backend}`, async () => {
    const options: LearnerOptions = {
      model,
      optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weight_decay: 5e-4, clip_norm: 1 },
      data: noiseData(model.input, 10, { train: 5 * batchSize + 3, validation: 10, test: 1 }),
      batchSize,
      initial: initialWeights(model, 8),
    };
    const run = async (device: PlainDevice) => {
      using open = device;
      using learner = await open.createLearner(options);
      return await losses(learner, options, steps);
    };
    const seen = await run(await openWasmDevice());
    const wanted = await run(await openTfjsDevice(backend));
    assert.equal(tf.getBackend(), backend);
    assert.equal(seen.length, steps);
    const differences = wanted.map((loss, step) => Math.abs(loss - seen[step]!) / loss);
    assert.ok(differences.slice(0, 5).every((difference) => difference < 1e-5), `${differences.slice(0, 5)}`);
    assert.ok(Math.max(...differences) < 1e-2, `largest difference ${Math.max(...differences)}`);
    assert.ok(seen.at(-1)! < seen[0]!, "it learns");
  });
}
