import assert from "node:assert/strict";
import { runChanged } from "./changed_sources.ts";

const ENTRY = `import { type LayerEntry, vector } from "./entry.ts";

export interface GainLayer {
  readonly kind: "gain";
  readonly name: string;
}

/** y = factor · x for each channel. */
export const gain: LayerEntry<GainLayer> = {
  kind: "gain",
  description: "a trainable factor for each channel",
  outputShape: (_layer, input) => input,
  parameters: ({ name }, input) => [vector(\`\${name}/factor\`, input.at(-1)!, "ones", true)],
  apply({ name }, input, _shape, pass) {
    const factor = pass.read(\`\${name}/factor\`);
    const times = (values: Float64Array) => values.map((value, index) => value * factor[index % factor.length]!);
    const backward = (gradient: Float64Array) => {
      const sums = pass.gradients[\`\${name}/factor\`] = new Float64Array(factor.length);
      gradient.forEach((value, index) => sums[index % factor.length]! += value * input[index]!);
      return times(gradient);
    };
    return { output: times(input), backward };
  },
};
`;

const PROGRAM = `import { openDevice } from "#compute/devices.ts";
import type { LearnerOptions } from "#compute/device.ts";
import { initialWeights, parametersOf } from "#compute/parameters.ts";
import { referenceGradients } from "#compute/reference/model.ts";
import type { Layer, Model } from "#compute/model.ts";

const gain: Layer = { kind: "gain", name: "gain1" };
const model: Model = {
  name: "one",
  input: [2, 2, 1],
  classes: 2,
  layers: [
    { kind: "residual", name: "block", main: [gain], shortcut: [] },
    { kind: "global_average_pool" },
    { kind: "dense", name: "dense", units: 2 },
  ],
};
const set = { images: Uint8Array.of(0, 0, 0, 0, 200, 200, 200, 200), labels: Uint8Array.of(0, 1), count: 2 };
const options: LearnerOptions = {
  model,
  optimizer: { name: "sgd", momentum: 0, nesterov: false, weight_decay: 0, clip_norm: null },
  data: {
    name: "two", shape: [2, 2, 1], classes: ["dark", "light"], labelUnit: "image", train: set, validation: set, test: set,
    mean: [0.5], std: [0.25], digest: "two",
  },
  batchSize: 2,
  initial: initialWeights(model, 1),
};
const images = Float64Array.of(0.1, 0.2, 0.3, 0.4, 1, 2, 3, 4);
const at = (factor: number) => {
  const state = { ...options.initial, "gain1/factor": { shape: [1], data: Float64Array.of(factor) } };
  return referenceGradients(model, state, images, [0, 1]);
};
using cpu = await openDevice("cpu");
using learner = await cpu.createLearner(options);
const batch = { indices: Uint32Array.of(0, 1), shiftX: new Int8Array(2), shiftY: new Int8Array(2), flip: new Uint8Array(2) };
for (let step = 0; step < 3; step++) learner.update(batch, { lr: 0.1, momentum: 0 });
const losses = (await learner.losses()).map(({ loss }) => loss);
using wasm = await openDevice("wasm");
const message = await wasm.createLearner(options).then(() => null, (error: Error) => error.message);
console.log(JSON.stringify({
  names: parametersOf(model).map(({ name }) => name),
  gradient: at(1).gradients["gain1/factor"]![0],
  difference: (at(1 + 1e-5).loss - at(1 - 1e-5).loss) / 2e-5,
  losses,
  factor: (await learner.save())["gain1/factor"]!.data[0],
  wasm: message,
}));
`;

Deno.test("a layer is one entry: its variables, its gradient and training by the reference, refused where it has no kernel", async () => {
  const seen = await runChanged([
    { kind: "file", path: "src/compute/layers/gain.ts", text: ENTRY },
    { kind: "entry", path: "src/compute/layers/catalog.ts", name: "gain", from: "./gain.ts" },
  ], PROGRAM) as {
    names: string[];
    gradient: number;
    difference: number;
    losses: number[];
    factor: number;
    wasm: string;
  };
  assert.deepEqual(seen.names, ["gain1/factor", "dense/kernel", "dense/bias"]);
  assert.ok(Math.abs(seen.gradient - seen.difference) < 1e-8, `${seen.gradient} is not ${seen.difference}`);
  assert.ok(seen.losses[2]! < seen.losses[0]!, `${seen.losses}`);
  assert.notEqual(seen.factor, 1);
  assert.match(
    seen.wasm,
    /^The WASM device has no kernel for layer "gain"; it has dense, conv, batch_norm, /,
  );
  assert.match(seen.wasm, /Take --backend cpu, which needs none$/);
});
