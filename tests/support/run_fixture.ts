import type { RunPlan, RunRecord } from "#results/run.ts";

/** A whole plan of a short run. */
export const PLAN: RunPlan = {
  id: "a-1",
  role: "arm",
  arm: "a",
  seed: 1,
  dataset: { name: "shapes", train: 64, validation: 16, test: 16, augment: [] },
  model: "cnn-small",
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  schedule: { name: "constant", lr: 0.1 },
  batch_size: 16,
  total_steps: 9,
  steps_per_epoch: 4,
  eval_every: 4,
  read_test: false,
};

export const PROVENANCE: RunRecord["provenance"] = {
  at: "2026-01-01",
  device: { backend: "wasm", name: "WASM", detail: "1 thread", why: "" },
  data_digest: "dd",
  commit: null,
  versions: { lab: "0.1.0" },
};
