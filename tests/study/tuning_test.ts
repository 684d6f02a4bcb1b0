import assert from "node:assert/strict";
import { chooseRates, endsChosen, ratesBeyond } from "#study/experiment/tuning.ts";
import type { RunPlan } from "#results/run.ts";
import { parseSpec } from "#spec/parse.ts";
import { planTuning } from "#spec/plan.ts";
import { record } from "../support/records.ts";

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

const RATES = [0.05, 0.1, 0.2, 0.4];
const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 1 epoch
seeds: [1]
tune: { rates: [${RATES.join(", ")}], seeds: [101, 102, 103, 104] }
arms: [{ name: a, schedule: { name: constant, lr: tuned } }]
`,
  { file: "x", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);

/** Accuracies by rate, one a seed; `null` for a run that diverged. */
function choose(reached: readonly (readonly (number | null)[])[]) {
  const runs = planTuning(SPEC, 100).map((plan: RunPlan) => {
    const accuracy = reached[RATES.indexOf(plan.schedule["lr"] as number)]![plan.seed - 101]!;
    return accuracy === null ? record(plan, 0, "diverged") : record(plan, accuracy);
  });
  return chooseRates(runs, 10);
}

Deno.test("the fewest failures come first, whatever the others reach; failures hardly better than guessing count", () => {
  const { chosen, tuning } = choose([
    [0.5, 0.5, 0.5, 0.5],
    [0.6, 0.6, 0.61, 0.6],
    [0.9, 0.9, 0.9, 0.12],
    [0.9, null, null, 0.1],
  ]);
  assert.equal(chosen.get("a"), 0.1);
  const [{ trials, fails_from }] = tuning as [typeof tuning[number]];
  assert.deepEqual(trials.map(({ runs, failed, diverged }) => [runs, failed, diverged]), [
    [4, 0, 0],
    [4, 0, 0],
    [4, 1, 0],
    [4, 3, 2],
  ]);
  assert.equal(fails_from, 0.2);
  assert.ok(Math.abs(trials[2]!.accuracy! - 0.9) < 1e-9, "of the runs that did not fail");
  assert.ok(Math.abs(trials[2]!.lower_quartile! - (0.25 * 0 + 0.75 * 0.9)) < 1e-9);
});

Deno.test("of rates without failures the best lower quartile is chosen, not the luckiest run", () => {
  const { chosen, tuning } = choose([
    [0.7, 0.71, 0.7, 0.7],
    [0.95, 0.6, 0.6, 0.6],
    [0.65, 0.65, 0.65, 0.65],
    [0.5, 0.5, 0.5, 0.5],
  ]);
  assert.equal(chosen.get("a"), 0.05);
  assert.equal(tuning[0]!.fails_from, null);
});

Deno.test("a rate beside one that fails gives way to a smaller one that is as good", () => {
  const edge = [0.64, 0.75, 0.7, 0.71];
  const failing = [0.2, 0.7, null, 0.7];
  // The mean is 0.25 points lower, the standard error of the differences 2.
  const alike = choose([[0.5, 0.5, 0.5, 0.5], [0.66, 0.72, 0.71, 0.7], edge, failing]);
  assert.equal(alike.chosen.get("a"), 0.1);
  assert.equal(alike.tuning[0]!.fails_from, 0.4);
  // Worse with every seed: then the better one is worth the edge.
  const worse = choose([[0.5, 0.5, 0.5, 0.5], edge.map((reached) => reached - 0.05), edge, failing]);
  assert.equal(worse.chosen.get("a"), 0.2);
});

Deno.test("an arm of which every run failed has no rate; one with failures at its smallest rate asks for smaller ones", () => {
  const none = choose(RATES.map(() => [null, null, null, 0.1]));
  assert.equal(none.chosen.size, 0);
  const some = choose([[0.7, 0.7, 0.7, null], [null, null, 0.7, 0.7], [null, null, null, null], [
    null,
    null,
    null,
    null,
  ]]);
  assert.equal(some.chosen.get("a"), 0.05);
  assert.deepEqual(endsChosen(some.tuning[0]!), ["low"]);
});
