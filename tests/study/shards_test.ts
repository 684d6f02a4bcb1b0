import assert from "node:assert/strict";
import fc from "fast-check";
import type { RunPlan } from "#results/run.ts";
import { runKey } from "#spec/plan.ts";
import { createSplit, splitRuns, trainedSeconds } from "#study/shards.ts";
import { stepsOf } from "#study/study.ts";
import { record } from "../support/records.ts";
import { PLAN } from "../support/run_fixture.ts";

const NOTHING: ReadonlySet<string> = new Set();

const run = (arm: string, seed: number, steps: number): RunPlan => ({
  ...PLAN,
  id: `${arm}-${seed}`,
  arm,
  seed,
  schedule: { name: "constant", lr: 0.1 + arm.length },
  total_steps: steps,
});
const after = (arm: string, parent: RunPlan, steps: number): RunPlan => ({
  ...run(arm, parent.seed, parent.total_steps + steps),
  first_step: parent.total_steps,
  start: { kind: "run", plan: parent },
});

/** Arms of different lengths with some seeds; some go on from another. */
const stages = fc.array(
  fc.record({
    steps: fc.integer({ min: 1, max: 50 }),
    seeds: fc.integer({ min: 1, max: 6 }),
    goesOn: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
).map((arms) =>
  arms.flatMap(({ steps, seeds, goesOn }, index) => {
    const name = "a".repeat(index + 1);
    const first = Array.from({ length: seeds }, (_, seed) => run(name, seed + 1, steps));
    return [...first, ...goesOn ? first.map((plan) => after(`${name}-after`, plan, 7)) : []];
  })
);

Deno.test("each run is of one shard, by what it is: not by names, order or the parents that a stage lists", () => {
  fc.assert(fc.property(stages, fc.integer({ min: 1, max: 7 }), (plans, of) => {
    const shards = splitRuns(plans, of, NOTHING);
    assert.deepEqual([...shards.keys()].sort(), [...new Set(plans.map(runKey))].sort());
    assert.ok([...shards.values()].every((shard) => Number.isInteger(shard) && shard >= 1 && shard <= of));
    const renamed = plans.map((plan, index) => ({ ...plan, id: `x${index}`, arm: `x${index}` })).reverse();
    assert.deepEqual([...splitRuns(renamed, of, NOTHING)].sort(), [...shards].sort());
    const leaves = plans.filter((plan) =>
      !plans.some(({ start }) => start?.kind === "run" && start.plan === plan)
    );
    assert.deepEqual([...splitRuns(leaves, of, NOTHING)].sort(), [...shards].sort());
  }));
});

Deno.test("a lineage stays in one shard, and no shard has more than one lineage more than another", () => {
  fc.assert(fc.property(stages, fc.integer({ min: 1, max: 7 }), (plans, of) => {
    const shards = splitRuns(plans, of, NOTHING);
    for (const plan of plans) {
      if (plan.start?.kind !== "run") continue;
      assert.equal(shards.get(runKey(plan)), shards.get(runKey(plan.start.plan)));
    }
    const root = (plan: RunPlan): RunPlan => plan.start?.kind === "run" ? root(plan.start.plan) : plan;
    const lineages = [...Map.groupBy(plans, (plan) => runKey(root(plan))).values()].map(stepsOf);
    const loads = Array.from(
      { length: of },
      (_, shard) => stepsOf(plans.filter((plan) => shards.get(runKey(plan)) === shard + 1)),
    );
    assert.ok(Math.max(...loads) - Math.min(...loads) <= Math.max(...lineages), `${loads} of ${lineages}`);
  }));
});

Deno.test("later stages give out what is new, evenly, and leave what was given out where it was", () => {
  const seeds = (count: number) =>
    [1, 2, 3].flatMap((arm) =>
      Array.from({ length: count }, (_, seed) => run("a".repeat(arm), seed + 1, 10))
    );
  const split = createSplit(3);
  split.add(seeds(2));
  const before = seeds(2).map(split.shardOf);
  assert.deepEqual([1, 2, 3].map((shard) => before.filter((each) => each === shard).length), [2, 2, 2]);
  assert.throws(() => split.shardOf(run("a", 3, 10)), /Cannot tell the shard of a-3/);
  split.add(seeds(3));
  assert.deepEqual(seeds(2).map(split.shardOf), before);
  assert.deepEqual([1, 2, 3].map((seed) => split.shardOf(run("a".repeat(seed), 3, 10))).sort(), [1, 2, 3]);
});

Deno.test("the time of training counts each run once, without the steps of its parent", () => {
  const parent = run("a", 1, 500);
  const runs = [record(parent, 0.9), record(after("aa", parent, 250), 0.9)];
  assert.equal(trainedSeconds([...runs, { ...runs[0]!, plan: { ...parent, id: "b-1", arm: "b" } }]), 0.75);
  assert.equal(trainedSeconds([]), 0);
});
