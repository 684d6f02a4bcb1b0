import assert from "node:assert/strict";
import { loss } from "#spec/loss_schema.ts";
import { lossProblem } from "#spec/plan_loss.ts";
import type { LossSpec } from "#train/loss.ts";

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

Deno.test("a weight that watches evaluations is refused, with the loss that does", () => {
  const found = problem({
    name: "sum",
    components: [{ name: "dice", weight: { name: "plateau", lr: 1, patience: 2 } }],
  });
  assert.match(found!, /^the weight plateau watches evaluations.*adaptive_dynamic_hybrid/);
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
