import assert from "node:assert/strict";
import { slotName } from "#compute/state.ts";
import { assertClose } from "../support/errors.ts";
import { requires } from "../support/requires.ts";
import { OPTIMIZERS } from "./contract_cases.ts";
import { DEVICES } from "./device_list.ts";
import { inputsOf, ReferenceRun } from "./reference_run.ts";
import { someBatch } from "./support.ts";
import { DECODER, DROPPED, ODD, tokenOptions } from "./token_cases.ts";
import { referenceGradients } from "#compute/reference/model.ts";

/** Of the largest value of each gradient. Measured: 1e-6. */
const TOLERANCE = 1e-5;

for (const name of ["wasm", "webgpu"]) {
  const { needs, open } = DEVICES.find((device) => device.name === name)!;
  Deno.test(`device ${name}: layers for tokens`, await requires(...needs), async (t) => {
    using device = await open();
    for (const model of [DECODER, ODD, DROPPED]) {
      await t.step(`gradients of ${model.name} agree with float64`, async () => {
        const options = tokenOptions(model);
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

    await t.step("what attention drops does not depend on how the batch is cut", async () => {
      const options = tokenOptions(DROPPED);
      const states = [];
      for (const batchSize of [7, 3]) {
        using learner = await device.createLearner({ ...options, batchSize });
        learner.update(someBatch(options.data, 0, 7), { lr: 1, momentum: 0, step: 2 });
        states.push(await learner.save());
      }
      const [whole, parts] = states;
      for (const [variable, { data }] of Object.entries(whole!)) {
        const as = { device: name, kernel: "parts of dropped attention", shape: variable };
        assertClose(as, parts![variable]!.data, data, TOLERANCE);
      }
    });

    await t.step("scores that overflow show in the loss behind attention's dropout", async () => {
      const options = tokenOptions(DROPPED);
      const bias = options.initial["qkv/bias"]!;
      const values = 2 * bias.data.length / 3;
      const initial = {
        ...options.initial,
        "qkv/bias": { ...bias, data: bias.data.map((value, at) => at < values ? 1e30 : value) },
      };
      using learner = await device.createLearner({ ...options, initial });
      learner.update(someBatch(options.data, 0, 7), { lr: 1, momentum: 0, step: 2 });
      assert.equal((await learner.losses())[0]!.loss, NaN);
    });

    await t.step("Muon takes the matrices of a decoder alone: six clipped steps are float64's", async () => {
      const { spec, lr } = OPTIMIZERS["Muon"]!;
      const options = tokenOptions(DECODER, { ...spec, clip_norm: 0.1, weight_decay: 0.1 });
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
