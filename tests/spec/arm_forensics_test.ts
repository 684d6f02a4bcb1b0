import assert from "node:assert/strict";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";

const planned = (own: string, arm: string) =>
  planArms(
    parseSpec(
      `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 2 epochs
seeds: [1, 2, 3]
${own}
arms:
  - { name: first, duration: 1 epoch, schedule: { name: constant, lr: 0.1 } }
  - { name: child, from: first, ${arm}schedule: { name: constant, lr: 0.1 } }
  - { name: other, from: first, schedule: { name: constant, lr: 0.2 } }
`,
      { file: "x", profile: null, overrides: {} },
      { datasets: ["shapes"], models: ["cnn-small"] },
    ),
    100,
    new Map(),
  ).flatMap(({ id, forensics }) => forensics ? id : []);

Deno.test("an arm's own forensics take the place of the spec's", () => {
  assert.deepEqual(planned("", "forensics: true, "), ["child-1", "child-2", "child-3"]);
  assert.deepEqual(planned("", "forensics: { seeds: 1 }, "), ["child-1"]);
  assert.deepEqual(planned("forensics: { seeds: 2 }", "forensics: false, "), ["other-1", "other-2"]);
});
