import assert from "node:assert/strict";
import { ratesBeyond } from "#lab/tuning.ts";

Deno.test("a range grows where an arm did best at its end, by the step that it ends with", () => {
  assert.deepEqual(ratesBeyond([0.0125, 0.025, 0.05, 0.1], [0.05, 0.1]), [0.2]);
  assert.deepEqual(ratesBeyond([0.1, 0.0125, 0.025], [0.0125, 0.025]), [0.00625]);
  assert.deepEqual(ratesBeyond([0.01, 0.03, 0.1], [0.1, 0.01]), [0.00333333, 0.333333]);
});

Deno.test("it stays where every arm did best inside", () => {
  assert.deepEqual(ratesBeyond([0.01, 0.03, 0.1], [0.03, 0.03]), []);
});

Deno.test("an arm with which every rate diverged asks for a smaller one", () => {
  assert.deepEqual(ratesBeyond([0.5, 1], [null]), [0.25]);
});

Deno.test("of two rates both are ends", () => {
  assert.deepEqual(ratesBeyond([0.01, 0.02], [0.01]), [0.005]);
  assert.deepEqual(ratesBeyond([0.01, 0.02], [0.02]), [0.04]);
});
