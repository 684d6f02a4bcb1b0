import assert from "node:assert/strict";
import { endsChosen, ratesBeyond } from "#study/experiment/tuning.ts";

const tuned = (chosen: number, ...trials: [value: number, accuracy: number | null][]) => ({
  chosen,
  trials: trials.map(([value, accuracy]) => ({ value, accuracy, diverged: accuracy === null ? 1 : 0 })),
});

Deno.test("an arm asks for more where it did better at an end than beside it", () => {
  assert.deepEqual(endsChosen(tuned(0.1, [0.1, 0.6], [0.05, 0.5], [0.025, 0.4])), ["high"]);
  assert.deepEqual(endsChosen(tuned(0.025, [0.1, 0.4], [0.05, 0.5], [0.025, 0.6])), ["low"]);
  assert.deepEqual(endsChosen(tuned(0.05, [0.1, 0.4], [0.05, 0.6], [0.025, 0.5])), []);
  assert.deepEqual(endsChosen(tuned(0.01, [0.01, 0.3], [0.02, null])), ["low"], "its neighbour diverged");
});

Deno.test("an arm that does as well wherever it is asked for nothing", () => {
  assert.deepEqual(endsChosen(tuned(0.025, [0.025, 0.1], [0.05, 0.1], [0.1, 0.1])), []);
});

Deno.test("a range grows by the step that it ends with, without the noise of binary fractions", () => {
  assert.deepEqual(ratesBeyond([0.0125, 0.025, 0.05, 0.1], ["high"]), [0.2]);
  assert.deepEqual(ratesBeyond([0.1, 0.0125, 0.025], ["low", "low"]), [0.00625]);
  assert.deepEqual(ratesBeyond([0.01, 0.03, 0.1], ["high", "low"]), [0.00333333, 0.333333]);
  assert.deepEqual(ratesBeyond([0.01, 0.03, 0.1], []), []);
  assert.deepEqual(ratesBeyond([0.01, 0.02], ["low"]), [0.005]);
});
