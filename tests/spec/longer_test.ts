import assert from "node:assert/strict";
import { longer } from "#spec/longer.ts";
import { parseSpec } from "#spec/parse.ts";

const SPEC = parseSpec(
  `name: tuned
dataset: { name: shapes, train: 96 }
model: cnn-small
batch_size: 16
duration: 2 epochs
seeds: [1]
tune: { rates: [0.01, 0.05], seeds: [9] }
arms:
  - { name: falls, schedule: { name: cosine, lr: tuned, T_max: 100% } }
  - { name: cycle, schedule: { name: one_cycle, max_lr: tuned, duration: 100% } }
  - { name: waves, schedule: { name: cyclic, base_lr: 0.001, max_lr: tuned cycle, step_size_up: 25% } }
`,
  { file: "spec.yaml", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);

Deno.test("arms that go on take the rate of the arm that they go on from, by the key that their schedule has", () => {
  const more = longer(SPEC, "4 epochs", "stretch").arms.slice(3).map(({ schedule }) => schedule);
  assert.deepEqual(more.map(({ lr, max_lr }) => [lr, max_lr]), [
    ["tuned falls", undefined],
    [undefined, "tuned cycle"],
    [undefined, "tuned cycle"],
  ]);
});
