import assert from "node:assert/strict";
import { compareExperiments, type Experiment, experimentArms } from "#study/compare_experiments.ts";
import type { RunPlan } from "#results/run.ts";
import { pairedDifference, verdictWord } from "#stats/paired.ts";
import { unpairedDifference } from "#stats/unpaired.ts";
import { experimentFixture, type FixtureOptions } from "../support/experiment_fixture.ts";

function experiment(options: FixtureOptions = {}, plan: Partial<RunPlan> = {}): Experiment {
  const { summary, records } = experimentFixture({ steps: 100, stepsPerEpoch: 20, ...options });
  const planned = records.map((record) => ({ ...record, plan: { ...record.plan, ...plan } }));
  return { folder: "runs/x", summary, records: planned, spec: {} };
}

const FIRST = experiment({ arms: ["constant", "cosine"] });
const finals = (one: Experiment, arm: string) =>
  one.summary.arms.find(({ name }) => name === arm)!.runs.map(({ seed, final }) =>
    [seed, final.test_accuracy] as const
  );
const testAccuracy = (experiments: readonly Experiment[]) =>
  compareExperiments(experiments).filter(({ metric }) => metric === "test_accuracy");

Deno.test("an arm is compared with the one of its name, else with the baseline, and letters tell them apart", () => {
  const second = experiment({ arms: ["other", "cosine"] });
  assert.deepEqual(experimentArms([FIRST, second]).map(({ label }) => label), [
    "A: constant",
    "A: cosine",
    "B: other",
    "B: cosine",
  ]);
  assert.deepEqual(
    testAccuracy([FIRST, second]).map(({ arm, against }) => [arm, against]),
    [["B: other", "A: constant"], ["B: cosine", "A: cosine"]],
  );
});

Deno.test("runs are paired where data, model, batches and a seed agree, and the intervals hold together", () => {
  const second = experiment({ arms: ["other", "cosine"], seeds: [2, 3, 4] });
  const found = testAccuracy([FIRST, second]).find(({ arm }) => arm === "B: cosine")!;
  const values = [second, FIRST].map((one) => new Map(finals(one, "cosine")));
  const expected = pairedDifference(values[0]!, values[1]!, { family: 2, resolution: 1 / 2000 });
  assert.deepEqual(found.pairing, { kind: "paired", why: [] });
  assert.equal(found.seeds, 2, "seeds 2 and 3");
  assert.deepEqual(found.interval, expected.interval);
  // The same runs: their rounding alone is left, which lies within one point.
  assert.equal(found.margin, 0.01);
  assert.equal(found.verdict, verdictWord(expected.interval!, 0.01));
});

Deno.test("a run that failed is left out and counted, and then nothing is called no difference", () => {
  const second = experiment({ arms: ["other", "cosine"], seeds: [1, 2, 3] });
  const summary = {
    ...second.summary,
    arms: second.summary.arms.map((arm) => ({
      ...arm,
      runs: arm.runs.map((run) =>
        arm.name === "cosine" && run.seed === 2 ? { ...run, failed: true as const } : run
      ),
    })),
  };
  const found = testAccuracy([FIRST, { ...second, summary }]).find(({ arm }) => arm === "B: cosine")!;
  assert.deepEqual([found.seeds, found.failed_pairs], [2, 1]);
  assert.equal(found.verdict, "no detectable difference");
});

Deno.test("where batches, model, budget or seeds differ, runs are not paired, and why is said", () => {
  const cases: [Experiment, RegExp][] = [
    [experiment({}, { batch_size: 128 }), /^images in a batch: 128, 64$/],
    [experiment({}, { accumulate: 2 }), /^batches in a step: 2, 1$/],
    [experiment({}, { total_steps: 50 }), /^steps: 50, 100$/],
    [
      experiment({}, { dataset: { ...FIRST.records[0]!.plan.dataset, augment: [] } }),
      /^augmentation: none, crop and flip$/,
    ],
    [experiment({ seeds: [7, 8] }), /^no seed in common$/],
    [{ ...FIRST, records: [] }, /files are gone/],
    [{ ...FIRST, summary: { ...FIRST.summary, model: "mlp" } }, /^model: mlp, cnn-small$/],
  ];
  for (const [second, why] of cases) {
    const [found] = testAccuracy([FIRST, second]);
    assert.equal(found!.pairing.kind, "unpaired", String(why));
    assert.match(found!.pairing.why.join("; "), why);
    const [arm, against] = [second, FIRST].map((one) =>
      finals(one, "constant").map(([, accuracy]) => accuracy!)
    );
    const family = second.summary.arms.length;
    assert.deepEqual(
      found!.interval,
      unpairedDifference(arm!, against!, { family, resolution: 1 / 2000 }).interval,
    );
  }
});

Deno.test("other images are not compared at all, nor do they share a target", () => {
  const { summary } = FIRST;
  const second = {
    ...FIRST,
    summary: { ...summary, dataset: { ...summary.dataset, digest: "another" } },
  };
  for (const { pairing, difference, interval } of compareExperiments([FIRST, second])) {
    assert.equal(pairing.kind, "not comparable");
    assert.match(pairing.why[0]!, /images or their split differ \(both shapes\)/);
    assert.deepEqual([difference, interval], [null, null]);
  }
  const steps = (label: string) =>
    experimentArms([FIRST, second]).find((arm) => arm.label === label)!.arm.runs.map((run) =>
      run.steps_to_target
    );
  assert.deepEqual(steps("B: cosine"), [null, null, null]);
  assert.deepEqual(
    steps("A: cosine"),
    summary.arms[1]!.runs.map((run) => run.steps_to_target),
    "the first keeps its own",
  );
});

Deno.test("an experiment without arms is compared with nothing", () => {
  const empty = { ...FIRST, summary: { ...FIRST.summary, arms: [], comparisons: [] } };
  assert.deepEqual(compareExperiments([empty, FIRST]), []);
  assert.deepEqual(compareExperiments([FIRST, empty]), []);
});

Deno.test("several models of a seed stand for it by their mean, where all of them have one", () => {
  const { summary } = FIRST;
  const [constant, cosine] = summary.arms;
  const [one, two, three] = cosine!.runs;
  const scored = (run: typeof one, accuracy: number | null, of: number, index: number) => ({
    ...run!,
    seed: of + 100_000 * index,
    member: { of, index },
    final: { ...run!.final, test_accuracy: accuracy },
  });
  const runs = [
    scored(one, 0.5, 1, 0),
    scored(one, 0.7, 1, 1),
    scored(two, 0.6, 2, 0),
    scored(two, 0.8, 2, 1),
    scored(three, 0.9, 3, 0),
    scored(three, null, 3, 1),
  ];
  const second = { ...FIRST, summary: { ...summary, arms: [constant!, { ...cosine!, runs }] } };
  const found = testAccuracy([FIRST, second]).find(({ arm }) => arm === "B: cosine")!;
  const [first, other] = finals(FIRST, "cosine").map(([, accuracy]) => accuracy!);
  assert.equal(found.seeds, 2);
  assert.ok(Math.abs(found.difference! - (0.6 - first! + 0.7 - other!) / 2) < 1e-12);
});

Deno.test("runs that go on from others than new weights are not paired with those that begin anew", () => {
  const digest = "0".repeat(64);
  const [found] = testAccuracy([
    FIRST,
    experiment({}, { start: { kind: "file", path: "x.safetensors", digest } }),
  ]);
  assert.match(found!.pairing.why.join(), /^the parent runs: a checkpoint, new weights$/);
});
