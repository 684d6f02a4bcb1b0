import assert from "node:assert/strict";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type RunPlan, schedulesOf } from "#spec/run_plan.ts";
import { scheduleProblem } from "#study/schedule_problem.ts";

const PLAN: RunPlan = {
  id: "one-1",
  role: "arm",
  arm: "one",
  seed: 1,
  dataset: { name: "shapes-masks", train: 96, validation: 40, test: 10, augment: [] },
  model: "unet-tiny",
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null },
  schedule: { name: "constant", lr: 0.1 },
  batch_size: 16,
  total_steps: 60,
  steps_per_epoch: 6,
  eval_every: 60,
  read_test: true,
};
const weighted = (weight: ScheduleSpec): RunPlan => ({
  ...PLAN,
  loss: {
    name: "sum",
    components: [{ name: "dice", smoothing: 1, include_background: false, weight }, {
      name: "focal",
      gamma: 2,
      weight: 0.5,
    }],
  },
});

Deno.test("a weight that is a schedule is among the plan's schedules, and so is its module", () => {
  const custom: ScheduleSpec = { name: "custom", module: "./mine.ts" };
  assert.deepEqual(schedulesOf(weighted(custom)), [PLAN.schedule, custom]);
  assert.deepEqual(schedulesOf(PLAN), [PLAN.schedule]);
});

Deno.test("a weight that waits for evaluations is refused, with the loss that does", () => {
  assert.equal(scheduleProblem(weighted({ name: "cosine", lr: 1, T_max: "100%" }), {}), null);
  assert.match(
    scheduleProblem(weighted({ name: "plateau", lr: 1, patience: 2 }), {})!,
    /weight of the loss dice: plateau waits for evaluations.*adaptive_dynamic_hybrid/,
  );
});

Deno.test("a weight that does not fit the run is refused with its place", () => {
  const problem = scheduleProblem(weighted({ name: "linear", lr: 1, duration: "0.1%" }), {});
  assert.match(problem!, /^Arm "one" in a run of 60 steps.*weight of the loss dice/);
});

Deno.test("weights that wait for evaluations begin anew in a child run, which can then append alone", () => {
  const adaptive: RunPlan = {
    ...PLAN,
    first_step: 30,
    loss: {
      name: "adaptive_dynamic_hybrid",
      patience: 2,
      threshold: 0.005,
      shift: 0.1,
      least: 0.2,
      components: [{ name: "focal", gamma: 2 }, { name: "hausdorff", alpha: 2 }],
    },
  };
  assert.equal(scheduleProblem(adaptive, {}), null);
  assert.match(
    scheduleProblem({ ...adaptive, clock: { origin: 0, total_steps: 60 } }, {})!,
    /adaptive_dynamic_hybrid waits for evaluations and begins anew in a child run: expected append/,
  );
});
