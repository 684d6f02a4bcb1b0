import assert from "node:assert/strict";
import type { RateScores } from "#results/benchmark_scores.ts";
import { chosenRate } from "#study/benchmark/choice.ts";

const rate = (value: number, validation: readonly (number | null)[]): RateScores => ({
  value,
  validation,
  test: [],
  validation_failed: validation.filter((score) => score === 0).length,
  test_failed: 0,
});

Deno.test("a rate is chosen by failures first, then by the lower quartile of validation", () => {
  const rates = [rate(0.1, [0.6, 0.6, 0.6]), rate(0.2, [0.7, 0.7, 0.7]), rate(0.4, [0.9, 0, 0.9])];
  // 0.2 stands next to a rate that fails, and 0.1 is worse by more than the seeds scatter.
  assert.equal(chosenRate({ rates })?.value, 0.2);
  assert.equal(chosenRate({ rates }, [0, 0, 2])?.value, 0.4);
});

Deno.test("no rate is chosen where every run failed, and missing runs count for nothing", () => {
  assert.equal(chosenRate({ rates: [rate(0.1, [0, 0]), rate(0.2, [0, null])] }), null);
  assert.equal(chosenRate({ rates: [rate(0.1, [0.5, null]), rate(0.2, [0.4, 0.4])] })?.value, 0.1);
});
