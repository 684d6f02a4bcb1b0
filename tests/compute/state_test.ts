import assert from "node:assert/strict";
import { buildModel } from "#compute/models.ts";
import { initialWeights, parametersOf } from "#compute/parameters.ts";
import { checkState, slotName, STEPS } from "#compute/state.ts";

const SGD = { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null } as const;
const model = buildModel("cnn", [8, 8, 3], 10);
const initial = initialWeights(model, 1);

Deno.test("initial weights load, with momentum buffers of zeros for what is trained", () => {
  const state = checkState({ model, optimizer: SGD }, initial);
  const parameters = parametersOf(model);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  assert.equal(state.size, parameters.length + trainable.length + 1);
  assert.deepEqual(state.get(STEPS), { shape: [1], data: new Float32Array(1) });
  assert.equal(state.get("conv1/kernel"), initial["conv1/kernel"]);
  assert.ok(state.get(slotName("conv1/kernel"))!.data.every((value) => value === 0));
  assert.ok(!state.has(slotName("norm1/moving_mean")), "statistics have no momentum");
});

Deno.test("a state that does not fit the model is refused by the name of what is wrong", () => {
  const { "norm1/gamma": gamma, ...rest } = initial;
  assert.throws(() => checkState({ model, optimizer: SGD }, rest), /no norm1\/gamma/);
  const shape = { ...initial, "norm1/gamma": { shape: [3], data: gamma!.data } };
  assert.throws(
    () => checkState({ model, optimizer: SGD }, shape),
    (error) => error instanceof TypeError && /\[32\]/.test(error.message),
  );
  const short = { ...initial, "norm1/gamma": { shape: [32], data: new Float32Array(31) } };
  assert.throws(() => checkState({ model, optimizer: SGD }, short), /31 values/);
  const unknown = { ...initial, "conv1/kernal": gamma! };
  assert.throws(
    () => checkState({ model, optimizer: SGD }, unknown),
    /"conv1\/kernal"; nearest is conv1\/kernel/,
  );
});
