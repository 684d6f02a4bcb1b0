import assert from "node:assert/strict";
import { runChanged } from "./changed_sources.ts";

const ENTRY = `import { defineOptimizer } from "./entry.ts";

/** w ← w − lr · sign(v), v ← momentum · v + g */
export const sign = defineOptimizer({
  name: "sign",
  description: "the sign of the averaged gradient",
  reference: "Bernstein et al., 2018, arXiv:1802.04434",
  params: { momentum: { kind: "number", default: 0.5, range: { min: 0, below: 1 }, doc: "share that stays" } },
  decay: "coupled",
  weightDecay: 0,
  momentum: { key: "momentum", of: ({ momentum }) => momentum },
  slots: ["velocity"],
  followsGradient: true,
  secondMoment: null,
  stability: null,
  constants: () => [],
  step({ gradient, slots, momentum }) {
    const velocity = slots.velocity!.map((before, index) => momentum * before + gradient[index]!);
    return { step: velocity.map(Math.sign), slots: { velocity } };
  },
});
`;

const PROGRAM = `import { openDevice } from "#compute/devices.ts";
import type { LearnerOptions } from "#compute/device.ts";
import { initialWeights, parametersOf } from "#compute/parameters.ts";
import type { Model } from "#compute/model.ts";
import { ruleOf } from "#compute/webgpu/kernels/optimizer_rules.ts";
import { plainSgd } from "#compute/tfjs/plain_sgd.ts";
import { specJsonSchema } from "#spec/json_schema.ts";
import { optimizerSettings } from "#spec/optimizer_settings.ts";
import { optimizer as schema } from "#spec/settings_schema.ts";

const spec = schema.parse({ name: "sign" });
const refused = schema.safeParse({ name: "sign", momentum: 1 });
const model: Model = {
  name: "one",
  input: [2, 2, 1],
  classes: 2,
  layers: [{ kind: "global_average_pool" }, { kind: "dense", name: "dense", units: 2 }],
};
const set = { images: Uint8Array.of(0, 0, 0, 0, 200, 200, 200, 200), labels: Uint8Array.of(0, 1), count: 2 };
const options: LearnerOptions = {
  model,
  optimizer: spec,
  data: {
    name: "two", shape: [2, 2, 1], classes: ["dark", "light"], labelUnit: "image", train: set, validation: set, test: set,
    mean: [0.5], std: [0.25], digest: "two",
  },
  batchSize: 2,
  initial: initialWeights(model, 1),
};
using cpu = await openDevice("cpu");
using learner = await cpu.createLearner(options);
const batch = { indices: Uint32Array.of(0, 1), shiftX: new Int8Array(2), shiftY: new Int8Array(2), flip: new Uint8Array(2) };
for (let step = 0; step < 3; step++) learner.update(batch, { lr: 0.25, momentum: 0.5 });
const losses = (await learner.losses()).map(({ loss }) => loss);
const state = await learner.save();
const moved = parametersOf(model).map(({ name }) =>
  [...state[name]!.data].map((value, index) => Math.abs(value - options.initial[name]!.data[index]!))
);
const message = async (work: () => unknown) => {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
using wasm = await openDevice("wasm");
console.log(JSON.stringify({
  spec,
  refused: refused.error?.issues.map(({ path }) => path.join(".")),
  documented: JSON.stringify(specJsonSchema()).includes("the sign of the averaged gradient"),
  settings: optimizerSettings(spec),
  losses,
  moved,
  slots: Object.keys(state),
  wasm: await message(() => wasm.createLearner(options)),
  webgpu: await message(() => ruleOf(spec)),
  tfjs: await message(() => plainSgd(options)),
}));
`;

Deno.test("an optimizer is one entry: checked, documented, trained by the reference, refused where it has no kernel", async () => {
  const seen = await runChanged([
    { kind: "file", path: "src/train/optimizers/sign.ts", text: ENTRY },
    { kind: "entry", path: "src/train/optimizers/catalog.ts", name: "sign", from: "./sign.ts" },
  ], PROGRAM) as {
    spec: unknown;
    refused: string[];
    documented: boolean;
    settings: unknown;
    losses: number[];
    moved: number[][];
    slots: string[];
    wasm: string;
    webgpu: string;
    tfjs: string;
  };
  assert.deepEqual(seen.spec, { name: "sign", momentum: 0.5, weight_decay: 0, clip_norm: null });
  assert.deepEqual(seen.refused, ["momentum"]);
  assert.ok(seen.documented, "the JSON Schema of a spec has its description");
  assert.deepEqual(seen.settings, [{ kind: "numbers", key: "momentum", values: [0.5] }]);
  assert.ok(seen.losses[2]! < seen.losses[0]!, `${seen.losses}`);
  // Three steps of one direction and 0.25 each.
  for (const change of seen.moved[0]!) assert.ok(Math.abs(change - 0.75) < 1e-6, `${change}`);
  assert.ok(seen.slots.includes("dense/kernel/velocity"));
  const known = "it has sgd, adam, adamw, rmsprop, lion, .*muon\\. Take --backend cpu, which needs none$";
  assert.match(seen.wasm, new RegExp(`^The WASM device has no kernel for optimizer "sign"; ${known}`));
  assert.match(seen.webgpu, new RegExp(`^The WebGPU device has no kernel for optimizer "sign"; ${known}`));
  assert.match(seen.tfjs, /tfjs device trains by SGD .* but not: optimizer sign; take --backend wasm/);
});
