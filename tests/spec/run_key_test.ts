import assert from "node:assert/strict";
import { runKey } from "#spec/run_key.ts";
import type { RunPlan } from "#spec/run_plan.ts";

const PLAN: RunPlan = {
  id: "a-1",
  role: "arm",
  arm: "a",
  seed: 1,
  dataset: { name: "shapes", train: 48, validation: 16, test: 16, augment: [] },
  model: "cnn-small",
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  schedule: { name: "constant", lr: 0.1 },
  batch_size: 8,
  total_steps: 12,
  steps_per_epoch: 6,
  eval_every: 6,
  read_test: true,
  probe: { steps: 8, every: 2 },
};

Deno.test("a run with a probe keeps the key that older versions knew it by", () => {
  assert.deepEqual(JSON.parse(runKey(PLAN)).probe, { updates: 8, every: 2 });
  assert.notEqual(runKey(PLAN), runKey({ ...PLAN, probe: { steps: 9, every: 2 } }));
  const { probe: _probe, ...without } = PLAN;
  assert.equal("probe" in JSON.parse(runKey(without)), false);
});
