import assert from "node:assert/strict";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { setupFacts } from "#report/sections/setup/setup_facts.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

function fact(label: string, changed: Partial<RunPlan>): string {
  const { summary, records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one"] });
  const record: RunRecord = { ...records[0]!, plan: { ...records[0]!.plan, ...changed } };
  return setupFacts(summary, [record]).find((one) => one.label === label)!.value;
}

Deno.test("every optimizer is told by its own constants", () => {
  const common = { weight_decay: 0.01, clip_norm: null };
  const told = (optimizer: RunPlan["optimizer"]) => fact("Optimizer", { optimizer });
  assert.equal(
    told({ name: "sgd", momentum: 0.9, nesterov: true, ...common }),
    "sgd, momentum 0.9 (Nesterov), weight decay 0.01",
  );
  assert.equal(
    told({ name: "adamw", betas: [0.9, 0.9995], eps: 1e-8, ...common, clip_norm: 1 }),
    "adamw, betas 0.9 and 0.9995, eps 1e-8, decoupled weight decay 0.01, gradient norm at most 1",
  );
  assert.equal(
    told({ name: "rmsprop", alpha: 0.99, eps: 1e-8, momentum: 0, ...common, clip_value: 0.5 }),
    "rmsprop, alpha 0.99, eps 1e-8, momentum 0, weight decay 0.01, gradient components at most 0.5",
  );
  assert.equal(
    told({
      name: "adam",
      betas: [0.9, 0.999],
      eps: 1e-8,
      ...common,
      weight_decay: 0,
      reset_at_restart: true,
      groups: [{ match: "conv1/*", lr_factor: 0.1, frozen_until: "2 epochs" }],
    }),
    "adam, betas 0.9 and 0.999, eps 1e-8, state reset at each restart, " +
      "conv1/*: learning rate × 0.1 and frozen until 2 epochs",
  );
});

Deno.test("the loss is told, and which arm has which", () => {
  assert.equal(fact("Loss", {}), "cross-entropy");
  const smoothed = { name: "cross_entropy", label_smoothing: 0.1 } as const;
  assert.equal(fact("Loss", { loss: smoothed }), "cross-entropy, labels smoothed by 0.1");
  const { summary, records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one", "two"] });
  const changed = records.map((record): RunRecord =>
    record.plan.arm === "two"
      ? { ...record, plan: { ...record.plan, loss: { name: "focal", gamma: 2 } } }
      : record
  );
  const told = setupFacts(summary, changed).find(({ label }) => label === "Loss")!.value;
  assert.equal(told, "cross-entropy (one); focal, gamma 2 (two)");
});

Deno.test("a step of several batches is told as such", () => {
  assert.equal(fact("Batch", { batch_size: 64 }), "64 images");
  assert.equal(
    fact("Batch", { batch_size: 64, accumulate: 4 }),
    "256 images per step, accumulated over 4 batches of 64 images",
  );
});
