import assert from "node:assert/strict";
import { requestOf } from "#app/commands/sweep.ts";
import { studySpec } from "#app/studies/study_spec.ts";

const spec = (looks = "") => ({
  file: "x.yaml",
  text: `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 2 epochs
seeds: [1, 2, 3, 4, 5, 6, 7, 8]
${looks}
tune: { rates: [0.1, 0.2], seeds: [10] }
arms:
  - { name: a, schedule: { name: constant, lr: 0.1 } }
`,
});
const LOOKS = "looks: { at: [4, 8], budget: 90 s }";

Deno.test("a spec's looks hold unless seeds are given or all are asked for", () => {
  assert.deepEqual(studySpec(spec(LOOKS), {}).looks, { at: [4, 8], budget: "90 s" });
  assert.equal(studySpec(spec(LOOKS), { until: "all" }).looks, null);
  const given = studySpec(spec(LOOKS), { seeds: [1, 2, 3] });
  assert.deepEqual([given.looks, given.seeds], [null, [1, 2, 3]]);
  const both = studySpec(spec(LOOKS), { seeds: [1, 2, 3, 4, 5], until: "decided", budget: "60 s" });
  assert.deepEqual([both.looks, both.seeds], [{ at: [4, 5], budget: "60 s" }, [1, 2, 3, 4, 5]]);
  assert.deepEqual(studySpec(spec(LOOKS), { budget: "5 min" }).looks, { at: [4, 8], budget: "5 min" });
});

Deno.test("a spec without looks has the usual ones where it is to be decided, with seeds that tuning does not use", () => {
  assert.equal(studySpec(spec(), {}).looks, undefined);
  const decided = studySpec(spec(), { until: "decided" });
  assert.deepEqual(decided.looks, { at: [8, 16], budget: null });
  assert.deepEqual(decided.seeds, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17]);
});

Deno.test("a time limit without looks is refused, and what to do is said", () => {
  assert.throws(() => studySpec(spec(), { budget: "60 s" }), {
    name: "UsageError",
    message: /this spec plans none: add --until decided/,
  });
  assert.throws(() => studySpec(spec(LOOKS), { budget: "60 s", until: "all" }), /all seeds are run here/);
});

Deno.test("a sweep follows the looks of its spec, or of its own seeds", () => {
  const asked = {
    over: ["arms[0].schedule.lr=0.1,0.2"],
    method: "grid",
    draw: 1,
    eta: 3,
    all: false,
  } as const;
  const request = (more: Partial<Parameters<typeof requestOf>[1]>, text = LOOKS) =>
    requestOf(studySpec(spec(text), {}), { ...asked, ...more });
  assert.deepEqual(request({}).looks, { at: [4, 8], budget_s: 90, margin: 0.01 });
  assert.equal(request({}, "").looks, undefined);
  assert.equal(request({ all: true }).looks, undefined);
  assert.equal(request({ seeds: [1, 2] }).looks, undefined);
  assert.equal(request({ method: "halving" }).looks, undefined);
  assert.deepEqual(request({}, `${LOOKS}\nmargin: { accuracy: 0.03 }`).looks!.margin, 0.03);
});
