import assert from "node:assert/strict";
import type { RunPlan } from "#results/run.ts";
import { survivors, sweepAfter } from "#study/sweep/rungs.ts";
import { summariseSweep } from "#study/sweep/summarise.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import { random } from "#lib/prng.ts";
import { pretend, sweepOutcome as outcome, sweepPlan as planOf } from "../support/sweep_fixture.ts";

const POWERS = "arms[0].schedule.power=0.5,1,2,4";
const noise = (plan: RunPlan, size: number) => size * random(plan.seed, plan.id).normal();
const power = (plan: RunPlan) => plan.schedule["power"] as number;

Deno.test("no effect: the region is everything, and the sweep stops after two seeds", () => {
  const { told, known } = outcome(planOf([POWERS]), (plan) => 0.6 + noise(plan, 0.02));
  assert.equal(told.region!.cells.length, 4);
  assert.deepEqual(told.region!.axes[0]!.values, [0.5, 1, 2, 4]);
  assert.match(told.stopped_early!, /After 2 of 3 seeds no cell is detectably worse.*--all runs it/);
  assert.equal(told.complete, true);
  assert.equal(known.size, 8);
  assert.deepEqual(told.warnings, [], "no axis matters, so no edge does");
  const whole = outcome(planOf([POWERS], { all: true }), (plan) => 0.6 + noise(plan, 0.02));
  assert.equal(whole.told.stopped_early, null);
  assert.equal(whole.known.size, 12);
});

Deno.test("an effect: all seeds run, the region is the cells at the top, and an edge is warned of", () => {
  const { told, known } = outcome(
    planOf([POWERS]),
    (plan) => 0.5 + 0.1 * Math.min(2, power(plan)) + noise(plan, 0.003),
  );
  assert.equal(known.size, 12);
  assert.equal(told.stopped_early, null);
  assert.deepEqual(told.region!.axes[0]!.values, [2, 4]);
  assert.deepEqual(told.cells.map(({ within }) => within), [false, false, true, true]);
  const rising = outcome(planOf([POWERS]), (plan) => 0.3 + 0.1 * power(plan) + noise(plan, 0.003));
  assert.match(
    rising.told.warnings[0]!,
    /largest arms\[0\]\.schedule\.power that was tried \(4\).*larger values/,
  );
  assert.equal(rising.told.best!.mean, Math.max(...rising.told.cells.map(({ mean }) => mean!)));
});

Deno.test("a cell that diverged has no mean, is outside, and is named", () => {
  const { told } = outcome(
    planOf([POWERS]),
    (plan) =>
      power(plan) === 4 && plan.seed === 3
        ? "diverged"
        : 0.6 + noise(plan, 0.02) + (power(plan) > 3 ? 0.3 : 0),
  );
  assert.equal(told.cells[3]!.mean, null);
  assert.ok(!told.region!.cells.includes(4));
  assert.match(told.warnings.join(" "), /diverged in 1 of 4 cells \(cell 4\)/);
});

Deno.test("halving keeps the best of each rung on validation accuracy, and tells what it dropped without evidence", () => {
  const plan = planOf(["arms[0].schedule.power=linear:1..18/18"], { method: "halving" });
  const { told, known } = outcome(plan, (run) => 0.1 + 0.02 * power(run) + noise(run, 0.001));
  assert.deepEqual(told.rungs.map(({ cells }) => cells.length), [18, 6, 2]);
  assert.deepEqual(told.rungs[2]!.cells.map(({ cell }) => cell), [17, 18]);
  assert.deepEqual(told.rungs[0]!.cells.filter(({ kept }) => kept).map(({ cell }) => cell), [
    13,
    14,
    15,
    16,
    17,
    18,
  ]);
  assert.deepEqual(told.rungs.map(({ dropped_within }) => dropped_within.length), [0, 0, 0]);
  assert.equal(told.best!.cell, 18);
  assert.equal(known.size, 3 * (18 + 6 + 2));
  assert.equal(told.spent.runs, known.size);
  assert.ok([...known.values()].every(({ plan }) => !plan.read_test));
  assert.deepEqual(told.cells.map(({ rung }) => rung).slice(-6), [2, 2, 2, 2, 3, 3]);
  const images = told.rungs.map(({ images }) => images);
  assert.ok(Math.max(...images) === Math.min(...images), `${images}`);
  const blind = outcome(plan, (run) => 0.5 + noise(run, 0.02));
  assert.ok(blind.told.rungs[0]!.dropped_within.length > 6, "what it drops by chance is told");
});

Deno.test("a sweep that was stopped is judged by the seeds that every cell has", () => {
  const plan = planOf([POWERS], { all: true });
  const plans = sweepAfter(plan, []).next!;
  const begun = plans.filter(({ seed, id }) => seed < 3 || id === "cell-1-3");
  const records = pretend(begun, (run) => 0.4 + 0.1 * power(run));
  const told = summariseSweep(plan, sweepAfter(plan, [{ records }]).state, {} as SweepOutcome);
  assert.equal(told.complete, false);
  assert.equal(told.region!.seeds, 2);
  assert.equal(told.best!.cell, 4);
});

Deno.test("survivors: fewer diverged runs first, then the mean, then the number", () => {
  const scores = [
    { number: 1, missing: 0, mean: 0.5 },
    { number: 2, missing: 1, mean: 0.9 },
    { number: 3, missing: 0, mean: 0.7 },
    { number: 4, missing: 0, mean: 0.7 },
    { number: 5, missing: 3, mean: null },
  ];
  assert.deepEqual(survivors(scores, 5), [3, 4, 1, 2, 5]);
  assert.deepEqual(survivors(scores, 0), []);
});

Deno.test("a sweep that fails in its last part is not told as complete", () => {
  const plan = planOf([POWERS], { all: true });
  const plans = sweepAfter(plan, []).next!;
  const { state, next } = sweepAfter(plan, [{ records: pretend(plans.slice(0, -1), () => 0.5) }]);
  assert.equal(state.reachedEnd, false);
  assert.equal(next, null);
});

const LOOKS = { at: [2, 4, 8], budget_s: null, margin: 0.01 };
const EIGHT = { seeds: [1, 2, 3, 4, 5, 6, 7, 8], looks: LOOKS };

Deno.test("looks: cells that are detectably worse than the best get no further seeds, and it ends when none is open", () => {
  const { told, known } = outcome(
    planOf([POWERS], EIGHT),
    (plan) => 0.5 + 0.1 * Math.min(2, power(plan)) + noise(plan, 0.002),
  );
  const counts = [1, 2, 3, 4].map((cell) =>
    [...known.values()].filter(({ plan }) => plan.id.startsWith(`cell-${cell}-`)).length
  );
  assert.ok(counts[0]! < 8 && counts[0] === counts[1], `${counts}`);
  assert.equal(counts[2], counts[3]);
  assert.ok(counts[3]! > counts[0]!, `${counts}`);
  assert.equal(told.looks!.ended, "decided");
  assert.deepEqual(told.looks!.taken.at(-1)!.open, []);
  assert.deepEqual(told.region!.axes[0]!.values, [2, 4]);
  assert.equal(told.complete, true);
  assert.deepEqual(told.cells.map(({ runs }) => runs.length), counts);
  assert.equal(told.spent.runs, known.size);
});

Deno.test("looks: an open sweep ends with the last one, or with the first that the time does not hold", () => {
  const noisy = (plan: RunPlan) => 0.6 + noise(plan, 0.1);
  const { told } = outcome(planOf([POWERS], EIGHT), noisy);
  assert.equal(told.looks!.ended, "last look");
  assert.deepEqual(told.looks!.taken.map(({ seeds }) => seeds), [2, 4, 8]);
  assert.equal(told.looks!.taken.at(-1)!.open.length, 3);
  assert.equal(told.region!.seeds, 8);
  const plan = planOf([POWERS], { ...EIGHT, looks: { ...LOOKS, budget_s: 30 } });
  const first = { records: pretend(sweepAfter(plan, []).next!, noisy) };
  // The second look has as many runs as the first.
  assert.equal(sweepAfter(plan, [first], 14).next?.length, 8);
  const { state, next } = sweepAfter(plan, [first], 16);
  assert.equal(next, null);
  assert.equal(state.looks!.ended, "budget");
  assert.equal(state.reachedEnd, true);
  assert.match(
    summariseSweep(plan, state, {} as SweepOutcome).stopped_early!,
    /time limit; after 2 seeds cells/,
  );
});

Deno.test("looks: a sweep that was stopped within one is judged by the look before, and continues", () => {
  const plan = planOf([POWERS], EIGHT);
  const noisy = (run: RunPlan) => 0.6 + noise(run, 0.1);
  const first = { records: pretend(sweepAfter(plan, []).next!, noisy) };
  const second = sweepAfter(plan, [first]).next!;
  const broken = sweepAfter(plan, [first, { records: pretend(second.slice(0, 5), noisy) }]);
  assert.equal(broken.next, null);
  assert.deepEqual([broken.state.reachedEnd, broken.state.looks!.ended], [false, "unfinished"]);
  assert.deepEqual(broken.state.looks!.taken.map(({ seeds }) => seeds), [2]);
  assert.deepEqual(sweepAfter(plan, [first]).next, second);
});
