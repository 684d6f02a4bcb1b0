import assert from "node:assert/strict";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import { evidenceOf } from "#study/experiment/evidence.ts";
import { summarise } from "#study/experiment/summarise.ts";
import { record } from "../support/records.ts";

/** Metrics by which an arm is compared with the baseline. */
function compared(losses: string): string[] {
  const spec = parseSpec(
    `name: x
dataset: { name: shapes-masks }
model: unet-tiny
batch_size: 10
duration: 2 epochs
seeds: [1, 2]
arms:
  - { name: one, schedule: { name: constant, lr: 0.1 }${losses} }
  - { name: two, schedule: { name: constant, lr: 0.2 }${losses} }
`,
    { file: "x", profile: null, overrides: {} },
    { datasets: ["shapes-masks"], models: ["unet-tiny"], labelUnits: { "shapes-masks": "pixel" } },
  );
  const arms = planArms(spec, 100, new Map()).map((plan) => record(plan, 0.5));
  const images = { validation: 10, test: 10 };
  const evidence = evidenceOf({ spec, tuning: [], arms, cells: [], sweep: [], images, classes: 3 });
  const sizes = { count: 10 };
  const { comparisons } = summarise(evidence, {
    complete: true,
    data: { name: "x", digest: "", train: sizes, validation: sizes, test: sizes } as never,
    device: {} as never,
    provenance: {} as never,
    questions: [],
    introduction: "",
  });
  return comparisons.map(({ metric }) => metric);
}

Deno.test("training losses are compared where arms make the same loss small", () => {
  assert.ok(compared("").includes("training_loss"));
  assert.ok(compared(", loss: { name: adaptive_progressive_hybrid }").includes("training_loss"));
  // Their weights go by the Dice of each run.
  const dynamic = compared(", loss: { name: adaptive_dynamic_hybrid }");
  assert.ok(!dynamic.includes("training_loss") && dynamic.includes("validation_loss"), dynamic.join());
});
