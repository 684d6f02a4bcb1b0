import assert from "node:assert/strict";
import { asScore, figuresAt, rateBeside } from "#study/benchmark/setting_figures.ts";
import { standingsOf } from "#study/benchmark/standings.ts";
import { inventedScores } from "../../support/benchmark_scores.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("scores: accuracy as it is, perplexity as the negative loss, guessing as a failed run", () => {
  assert.equal(asScore(0.7, { better: "higher" }), 0.7);
  near(asScore(Math.E, { better: "lower" }), -1, 1e-12);
  const rate = { value: 0.1, validation: [], test: [8, 32], validation_failed: 0, test_failed: 1 };
  const { scores, failed } = figuresAt(rate, { better: "lower", guessing: 32, seeds: [1, 2] });
  assert.deepEqual([scores[0], scores[1], failed], [-Math.log(8), null, 1]);
  // Without a rate that tuning could choose, every run failed.
  assert.equal(figuresAt(undefined, { better: "lower", guessing: 32, seeds: [1, 2] }).failed, 2);
});

Deno.test("the rate beside the chosen one, where the grid has it", () => {
  const [family] = inventedScores().settings[0]!.families;
  assert.equal(rateBeside(family!, 2)?.value, 0.04);
  assert.equal(rateBeside(family!, 4), undefined);
  assert.equal(rateBeside({ ...family!, chosen: null }, 2), undefined);
});

Deno.test("standings: order, who is behind, regrets, failures and slices", () => {
  const { families, order, ranks, byLength, byWorkload } = standingsOf(inventedScores())!;
  assert.deepEqual(order.slice(2).map((place) => families[place]!.name), ["step", "constant"]);
  assert.deepEqual(ranks.behind.map((place) => families[place]!.name), ["constant"]);
  assert.deepEqual(ranks.behindHere.map((place) => families[place]!.name), ["step", "constant"]);
  const constant = families[3]!;
  // 12 standard deviations of 1 point of 50 that cosine gains over guessing, or 0.24 of ln(32/10) nats.
  for (const [index, expected] of [[0, 0.24], [3, 0.24 / Math.log(3.2)]] as const) {
    near(constant.settings[index]!.regret, expected, 0.05);
  }
  assert.ok(constant.regret.interval![0] > 0.15 && constant.regret.interval![1] < 0.3);
  assert.ok(families[1]!.regret.interval![0] < 0.02);
  assert.deepEqual(byLength.map(({ label, settings }) => [label, settings]), [["1×", 2], ["2×", 2], [
    "4×",
    2,
  ]]);
  assert.deepEqual(byWorkload.map(({ label, settings }) => [label, settings]), [["cnn", 3], ["gpt", 3]]);
  const [half, twice] = constant.robustness;
  assert.deepEqual([half!.factor, twice!.factor], [0.5, 2]);
  assert.deepEqual([half!.failures.other, twice!.failures.other, twice!.failures.runs], [0, 24, 24]);
  near(twice!.loss, 1 - 0.22, 0.05);
  assert.ok(twice!.failures.interval[0] > 0.5);
});

Deno.test("settings of a workload stand side by side, the shortest first", () => {
  const scores = inventedScores([1, 2]);
  const { settings, families } = standingsOf({ ...scores, settings: scores.settings.toReversed() })!;
  assert.deepEqual(settings.map(({ name }) => name), ["gpt-1x", "gpt-2x", "cnn-1x", "cnn-2x"]);
  assert.ok(families[0]!.settings[0]!.metric > 1 && families[0]!.settings[2]!.metric < 1);
});

Deno.test("one setting gives standings without a test, none gives nothing", () => {
  const scores = inventedScores([1]);
  const one = standingsOf({ ...scores, settings: scores.settings.slice(0, 1) })!;
  assert.deepEqual([one.ranks.test, one.byLength, one.byWorkload], [null, [], []]);
  assert.equal(standingsOf({ ...scores, settings: [] }), null);
});
