import assert from "node:assert/strict";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import { AWKWARD, learnerOptions, SGD, someBatch, syntheticData } from "../conformance/support.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

const OPTIMIZERS: Record<string, OptimizerSpec> = {
  "momentum": SGD,
  "Nesterov with weight decay": { ...SGD, nesterov: true, weight_decay: 5e-4 },
  "clipping": { ...SGD, clip_norm: 0.5 },
  "AdamW with a group": {
    name: "adamw",
    betas: [0.9, 0.999],
    eps: 1e-8,
    weight_decay: 0.01,
    clip_norm: null,
    groups: [{ match: "*bias", weight_decay: 0 }],
  },
};

const rate = (step: number) => ({
  lr: 0.05 * (1 + Math.cos(Math.PI * step / 50)),
  momentum: 0.95 - step / 500,
});

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(
    `fifty replayed updates have the bits of updates recorded one by one: ${name}`,
    vulkan,
    async () => {
      using gpu = await Gpu.open();
      const data = syntheticData(30, 13);
      const options = learnerOptions(AWKWARD, data, 8, optimizer);
      // A changing rate and momentum, moving statistics, and a smaller last batch in every epoch of four.
      const batch = (step: number) => someBatch(data, 8 * (step % 4), step % 4 === 3 ? 6 : 8);
      using replayed = new WebgpuLearner(gpu, options);
      let state = options.initial;
      const recorded = [];
      for (let step = 0; step < 50; step++) {
        replayed.update(batch(step), rate(step));
        using fresh = new WebgpuLearner(gpu, options);
        await fresh.load(state);
        fresh.update(batch(step), rate(step));
        recorded.push(...await fresh.losses());
        state = await fresh.save();
      }
      assert.deepEqual(await replayed.losses(), recorded);
      assert.deepEqual(await replayed.save(), state);
    },
  );
}

Deno.test("each kernel of a step is timed on the device", vulkan, async () => {
  using gpu = await Gpu.open();
  const data = syntheticData(8, 13);
  using learner = new WebgpuLearner(gpu, learnerOptions(AWKWARD, data, 8));
  const times = await learner.profile(someBatch(data, 0, 8), { lr: 0, momentum: 0 });
  if (!gpu.facts.features.includes("timestamp-query")) return assert.equal(times, null);
  const names = times!.map(({ name }) => name.split(" ")[0]);
  for (const kernel of ["conv_forward", "conv_filter_gradient", "cross_entropy", "sgd"]) {
    assert.ok(names.includes(kernel), `${kernel} is missing`);
  }
  assert.ok(times!.every(({ ms, dispatches }) => ms >= 0 && ms < 10_000 && dispatches >= 1));
});
