import assert from "node:assert/strict";
import { loss } from "#spec/loss_schema.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import { lossProblem } from "#spec/plan_loss.ts";
import type { LossSpec } from "#train/loss.ts";

const SOURCE = { file: "spec.yaml", profile: null, overrides: {} };
const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };
const problem = (spec: unknown) => lossProblem(loss.parse(spec) as LossSpec, SHAPE);

Deno.test("losses whose weights suit the run have no problem", () => {
  for (
    const spec of [
      { name: "dice" },
      { name: "sum", components: [{ name: "dice", weight: { name: "linear", lr: 1, duration: "50%" } }] },
      { name: "sum", components: [{ name: "dice", weight: { name: "custom", module: "./mine.ts" } }] },
      { name: "adaptive_structure_boundary" },
      { name: "adaptive_progressive_hybrid", structure_epochs: "4 epochs", boundary_epochs: "70 steps" },
      { name: "adaptive_complexity_cascade" },
      { name: "adaptive_dynamic_hybrid" },
    ]
  ) assert.equal(problem(spec), null, JSON.stringify(spec));
});

Deno.test("stages that do not follow each other are refused, with their steps", () => {
  assert.match(
    problem({ name: "adaptive_structure_boundary", schedule_start_epoch: "8 epochs" })!,
    /^boundary_epochs is step 60, before schedule_start_epoch, step 80/,
  );
  assert.match(
    problem({ name: "adaptive_progressive_hybrid", structure_epochs: "9 epochs" })!,
    /^stage 4 begins at step 70, before stage 3, at step 90/,
  );
});

Deno.test("a child run that keeps its parent's horizon has the stages of that horizon", () => {
  const text = `name: stages
dataset: { name: shapes-masks, train: 640 }
model: unet-tiny
batch_size: 32
duration: 5 epochs
seeds: [1]
loss: { name: adaptive_structure_boundary, schedule_start_epoch: 30 steps, boundary_epochs: 60% }
arms:
  - { name: whole, schedule: { name: constant, lr: 0.1 } }
  - { name: longer, from: whole, CLOCK, duration: 7 epochs, schedule: { name: constant, lr: 0.1 } }
`;
  const plan = (clock: string) =>
    planArms(
      parseSpec(text.replace("CLOCK", `clock: ${clock}`), SOURCE, {
        datasets: ["shapes-masks"],
        labelUnits: { "shapes-masks": "pixel" },
        models: ["unet-tiny"],
      }),
      640,
      new Map(),
    );
  // 60 % of the parent's 100 steps are 60; of the 40 steps of the child alone they are 24, before step 30.
  assert.equal(plan("keep").length, 2);
  assert.throws(() => plan("append"), /Arm "longer".*boundary_epochs is step 24/);
});
