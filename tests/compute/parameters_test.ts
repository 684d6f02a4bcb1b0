import assert from "node:assert/strict";
import { buildModel, MODELS } from "#compute/models.ts";
import { HEAD_DEVIATION, initialWeights, parametersOf } from "#compute/parameters.ts";
import { openBackend } from "#compute/devices.ts";
import { epochBatches } from "#train/batches.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";

Deno.test("kernels have He's variance, the last layer's a small one, in every model", () => {
  for (const [name, { labelUnit }] of Object.entries(MODELS)) {
    const model = buildModel(name, [16, 16, 3], 10, labelUnit);
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

Deno.test("the first loss is near ln 10 with every seed", async () => {
  const request = { name: "shapes-16", train: 64, validation: 10, test: 10, seed: 5, dataDir: null };
  const data = await loadDataset(request, denoFiles);
  using device = await openBackend("wasm", "");
  for (const name of ["cnn-tiny", "cnn-tiny-plain", "cnn-small"]) {
    const model = buildModel(name, data.shape, 10);
    for (let seed = 1; seed <= 10; seed++) {
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
