import assert from "node:assert/strict";
import { buildModel, MODELS } from "#compute/models.ts";
import { HEAD_DEVIATION, initialWeights, isHiddenKernel, parametersOf } from "#compute/parameters.ts";
import { openBackend } from "#compute/devices.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { epochBatches } from "#train/batches.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { LONG } from "../support/long.ts";
import { textData } from "../support/text.ts";

Deno.test("kernels have He's variance, the last layer's a small one, in every model", () => {
  for (const [name, { labelUnit }] of Object.entries(MODELS)) {
    const model = buildModel(name, labelUnit === "token" ? [16, 1, 1] : [16, 16, 3], 10, labelUnit);
    const weights = initialWeights(model, 3);
    for (const { name: parameter, init, fanIn } of parametersOf(model).filter(({ init }) => init === "he")) {
      const { data } = weights[parameter]!;
      const wanted = ["dense/kernel", "head/kernel"].includes(parameter)
        ? HEAD_DEVIATION
        : Math.sqrt(2 / fanIn);
      const found = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
      // Five standard errors of a deviation over that many draws.
      assert.ok(
        Math.abs(found / wanted - 1) < 5 / Math.sqrt(2 * data.length),
        `${name} ${parameter} ${init}`,
      );
    }
  }
});

Deno.test("the first loss of decoders is near that of tokens which are equally likely", async () => {
  const data = textData(32, 16);
  using device = await openBackend("wasm", "");
  for (const name of ["gpt-tiny", "gpt-small", "gpt-small-post-norm"]) {
    const model = buildModel(name, data.shape, data.classes.length, "token");
    using learner = await device.createLearner({
      model,
      optimizer: { name: "sgd", momentum: 0, nesterov: false, weight_decay: 0, clip_norm: null },
      data,
      batchSize: 16,
      initial: initialWeights(model, 1),
    });
    learner.update(plainBatch(0, 16), { lr: 0, momentum: 0 });
    const loss = (await learner.losses())[0]!.loss;
    assert.ok(Math.abs(loss - Math.log(data.classes.length)) < 0.05, `${name}: ${loss}`);
  }
});

Deno.test("embeddings are no hidden kernels, so Muon leaves them to AdamW, and begin as GPT-2's do", () => {
  const layers = [
    { kind: "embedding", units: 64 },
    { kind: "positional_embedding" },
    { kind: "conv", filters: 32, kernel: 1, stride: 1, padding: "valid", bias: true, init_std: 0.05 },
    { kind: "layer_norm" },
    { kind: "conv", filters: 50, kernel: 1, stride: 1, padding: "valid", bias: true },
  ] as const;
  const model = buildModel({ layers }, [64, 1, 1], 50, "token");
  const parameters = parametersOf(model);
  assert.deepEqual(parameters.filter((each) => isHiddenKernel(model, each)).map(({ name }) => name), [
    "conv1/kernel",
  ]);
  const weights = initialWeights(model, 3);
  const found = ["embedding1/kernel", "positions1/kernel", "conv1/kernel"].map((name) => {
    const { data } = weights[name]!;
    return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  });
  assert.deepEqual(weights["embedding1/kernel"]!.shape, [50, 64]);
  assert.deepEqual(weights["positions1/kernel"]!.shape, [64, 64]);
  // Five standard errors of a deviation over 2,048 draws, the fewest.
  [0.02, 0.02, 0.05].forEach((wanted, index) => assert.ok(Math.abs(found[index]! / wanted - 1) < 0.08));
});

const SEEDS = LONG ? 10 : 3;

Deno.test("the first loss is near ln 10 with every seed", async () => {
  const request = { name: "shapes-16", train: 64, validation: 10, test: 10, seed: 5, dataDir: null };
  const data = await loadDataset(request, denoFiles);
  using device = await openBackend("wasm", "");
  for (const name of ["cnn-tiny", "cnn-tiny-plain", "cnn-small", "vit-tiny"]) {
    const model = buildModel(name, data.shape, 10);
    for (let seed = 1; seed <= SEEDS; seed++) {
      using learner = await device.createLearner({
        model,
        optimizer: { name: "sgd", momentum: 0, nesterov: false, weight_decay: 0, clip_norm: null },
        data,
        batchSize: 64,
        initial: initialWeights(model, seed),
      });
      const [batch] = epochBatches({ seed, count: 64, batchSize: 64, augment: [] }, 0);
      learner.update(batch!, { lr: 0, momentum: 0 });
      const loss = (await learner.losses())[0]!.loss;
      assert.ok(Math.abs(loss - Math.log(10)) < 0.1, `${name}, seed ${seed}: ${loss}`);
    }
  }
});
