import assert from "node:assert/strict";
import { differenceOverLooks, sharesOverLooks } from "#study/experiment/looks.ts";
import { lookCounts } from "#spec/looks.ts";
import { lookErrors } from "#stats/looks.ts";
import { pairedDifference } from "#stats/paired.ts";
import { pairedShares } from "#stats/paired_shares.ts";
import { experiment } from "#study/experiment/study.ts";
import { comparing } from "#study/questions.ts";
import type { Conditions, DataFacts, StageRecords, StudyPlan } from "#study/study.ts";
import type { RunPlan } from "#results/run.ts";
import { parseSpec } from "#spec/parse.ts";
import { record } from "../support/records.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const COUNTS = [2, 4, 8];
const OPTIONS = { seeds: SEEDS, counts: COUNTS, family: 3 };
const zero = (seeds: readonly number[]) => new Map(seeds.map((seed) => [seed, 0]));

Deno.test("looks of a spec: all seeds at once without any; a shorter list of seeds ends them", () => {
  assert.deepEqual(lookCounts({ seeds: [1, 2, 3] }), [3]);
  const looks = { at: [2, 4], budget: null };
  assert.deepEqual(lookCounts({ seeds: [1, 2, 3, 4, 5], looks }), [2, 4]);
  assert.deepEqual(lookCounts({ seeds: SEEDS, looks }, [1, 2]), [2]);
  assert.deepEqual(lookCounts({ seeds: SEEDS, looks }, [1, 2, 3]), [2, 3]);
});

Deno.test("an interval is what those of all looks share, each at its own error", () => {
  const values = new Map(SEEDS.map((seed) => [seed, 0.1 + 0.01 * Math.sin(9 * seed)]));
  const own = (count: number) => new Map([...values].slice(0, count));
  const at = (look: number) => {
    const confidence = 1 - lookErrors(COUNTS, 0.05)[look]!;
    return pairedDifference(own(COUNTS[look]!), zero(SEEDS.slice(0, COUNTS[look])), {
      family: 3,
      confidence,
    });
  };
  const [first, second] = [at(0).interval!, at(1).interval!];
  const early = differenceOverLooks(own(2), zero(SEEDS), OPTIONS);
  assert.deepEqual(early.interval, first);
  const later = differenceOverLooks(own(4), zero(SEEDS), OPTIONS);
  assert.deepEqual(later.interval, [Math.max(first[0], second[0]), Math.min(first[1], second[1])]);
  assert.equal(later.seeds, 4);
  assert.equal(later.verdict, "higher");
});

Deno.test("seeds that come later do not take back what a look decided", () => {
  const steady = SEEDS.map((seed) => [seed, seed <= 4 ? 0.1 + 0.001 * seed : seed % 2 ? 0.5 : -0.4] as const);
  const decided = differenceOverLooks(new Map(steady.slice(0, 4)), zero(SEEDS), OPTIONS);
  assert.equal(decided.verdict, "higher");
  const all = differenceOverLooks(new Map(steady), zero(SEEDS), OPTIONS);
  assert.equal(all.seeds, 8);
  assert.equal(all.verdict, "higher");
  assert.equal(pairedDifference(new Map(steady), zero(SEEDS)).verdict, "no detectable difference");
});

Deno.test("shares are counted over the seeds of both arms", () => {
  const failed = (...seeds: number[]) => new Map(SEEDS.map((seed) => [seed, seeds.includes(seed)]));
  const found = sharesOverLooks(failed(1, 2, 3), failed(3), { seeds: SEEDS, counts: [8], family: 2 });
  const { arm, against, seeds, difference, interval } = found;
  assert.deepEqual([arm, against, seeds, difference], [3, 1, 8, 0.25]);
  assert.deepEqual(interval, pairedShares({ arm: 2, against: 0, seeds: 8 }, 0.975).interval);
  assert.equal(found.verdict, "no detectable difference");
  const all = sharesOverLooks(failed(...SEEDS), failed(), { seeds: SEEDS, counts: [8], family: 2 });
  assert.equal(all.verdict, "higher");
  assert.equal(sharesOverLooks(new Map(), failed(), OPTIONS).verdict, "not enough runs");
});

const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 2 epochs
eval_every: 1 epoch
seeds: [1, 2, 3, 4, 5, 6, 7, 8]
looks: { at: [2, 4, 8] }
arms:
  - { name: base, schedule: { name: constant, lr: 0.1 } }
  - { name: clear, schedule: { name: constant, lr: 0.2 } }
  - { name: noisy, schedule: { name: constant, lr: 0.3 } }
  - { name: child, from: noisy, clock: append, duration: 4 epochs, schedule: { name: constant, lr: 0.4 } }
`,
  { file: "x", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);
const split = (count: number) => ({ images: new Uint8Array(), labels: new Uint8Array(), count });
const data: DataFacts = {
  name: "shapes",
  classes: Array.from({ length: 10 }, (_, index) => `${index}`),
  train: split(100),
  validation: split(50),
  test: split(1000),
  digest: "d",
};
const conditions: Conditions = {
  device: { backend: "wasm", name: "WASM", detail: "", why: "" },
  provenance: { at: "", command: "", spec_digest: "", commit: null, versions: {}, jobs: 1, wall_s: 1 },
  interrupted: false,
  predictions: new Map(),
};
const accuracy = ({ arm, seed }: RunPlan) =>
  0.5 + 0.02 * seed + (arm === "clear" ? 0.2 : arm === "base" ? 0 : 0.1 * Math.sin(17 * seed));

const fits = () => Promise.resolve(null);

async function drive<R>(plan: StudyPlan<R>): Promise<StageRecords[]> {
  const stages: StageRecords[] = [];
  for (let stage; (stage = await plan.next(stages, fits)) !== null;) {
    stages.push({ plans: stage.plans, records: stage.plans.map((each) => record(each, accuracy(each))) });
  }
  return stages;
}
const seedsOf = ({ plans }: StageRecords, arm: string) =>
  plans.flatMap((plan) => plan.arm === arm ? plan.seed : []);
const asking = (arm: string, against: string) =>
  comparing({ question: `${arm}?`, hypothesis: "" }, {
    arm,
    against,
    metric: "test_accuracy",
    expect: { kind: "higher" },
  });

Deno.test("only arms with an open question get further seeds, and with them their parents", async () => {
  const questions = [asking("clear", "base"), asking("child", "base")];
  const plan = experiment({ spec: SPEC, questions, introduction: "" }).plan({
    spec: SPEC,
    data,
    files: new Map(),
  });
  assert.equal(plan.totals.runs, 8);
  assert.match(plan.headline, /^8 runs, \d+ steps, up to 32 as long as something is open$/);
  const stages = await drive(plan);
  assert.deepEqual(stages.map((stage) => seedsOf(stage, "base")), [[1, 2], [3, 4], [5, 6, 7, 8]]);
  assert.deepEqual(stages.map((stage) => seedsOf(stage, "child")), [[1, 2], [3, 4], [5, 6, 7, 8]]);
  assert.deepEqual(stages.map((stage) => seedsOf(stage, "noisy")), [[1, 2], [3, 4], [5, 6, 7, 8]]);
  const { looks, answers } = plan.summarise(stages, conditions);
  // Two seeds rarely decide anything at the error of a first look; four do.
  assert.deepEqual(
    stages.map((stage) => seedsOf(stage, "clear")).flat().length,
    4 - (2 - looks!.taken[0]!.open.length) * 2,
  );
  assert.equal(looks!.ended, "last look");
  assert.deepEqual(looks!.planned, [2, 4, 8]);
  assert.deepEqual(looks!.taken.map(({ seeds }) => seeds), [2, 4, 8]);
  assert.deepEqual(looks!.taken.at(-1)!.open, ["child?"]);
  assert.deepEqual(answers.map(({ verdict }) => verdict.kind), ["supported", "inconclusive"]);
  assert.deepEqual(answers[0]!.arms, ["clear", "base"]);
});

Deno.test("looks end where nothing is open, and the same records always give the same stages", async () => {
  const questions = [asking("clear", "base")];
  const plan = experiment({ spec: SPEC, questions, introduction: "" }).plan({
    spec: SPEC,
    data,
    files: new Map(),
  });
  const stages = await drive(plan);
  assert.ok(stages.length < 3, `${stages.length}`);
  const { looks } = plan.summarise(stages, conditions);
  assert.equal(looks!.ended, "decided");
  assert.deepEqual(looks!.taken.at(-1)!.open, []);
  assert.deepEqual((await drive(plan)).map(({ plans }) => plans), stages.map(({ plans }) => plans));
  assert.equal(
    plan.summarise(stages.slice(0, 1), conditions).looks!.ended,
    stages.length > 1 ? "unfinished" : "decided",
  );
});

Deno.test("without questions arms are open as long as their test accuracy does not tell them from the baseline", async () => {
  const plan = experiment({ spec: SPEC, questions: [], introduction: "" }).plan({
    spec: SPEC,
    data,
    files: new Map(),
  });
  const stages = await drive(plan);
  assert.deepEqual(stages.length, 3);
  assert.deepEqual(seedsOf(stages[2]!, "clear"), []);
  assert.deepEqual(seedsOf(stages[2]!, "noisy"), [5, 6, 7, 8]);
  const { looks, comparisons } = plan.summarise(stages, conditions);
  assert.deepEqual(looks!.taken.at(-1)!.open, ["noisy", "child"]);
  const clear = comparisons.find(({ arm, metric }) => arm === "clear" && metric === "test_accuracy")!;
  assert.equal(clear.verdict, "higher");
  assert.ok(clear.seeds < 8);
});

Deno.test("no look begins that the budget does not hold, but one that had begun is finished", async () => {
  const spec = { ...SPEC, looks: { at: [2, 4, 8], budget: "30 s" } };
  const plan = experiment({ spec, questions: [], introduction: "" }).plan({ spec, data, files: new Map() });
  const [first] = await drive(plan);
  const next = (elapsedS: number, begun: readonly string[] = []) =>
    plan.next([first!], fits, { elapsedS, begun: new Set(begun), predictions: new Map() });
  // The second look has three quarters of the steps of the first, for one arm is decided.
  assert.ok(await next(14));
  assert.equal(await next(18), null);
  const ids = (await next(14))!.plans.map(({ id }) => id);
  assert.deepEqual((await next(18, ids))!.plans.map(({ id }) => id), ids);
  const at = (wall_s: number) => ({ ...conditions, provenance: { ...conditions.provenance, wall_s } });
  const { looks } = plan.summarise([first!], at(18));
  assert.deepEqual([looks!.ended, looks!.budget_s], ["budget", 30]);
  assert.equal(plan.summarise([first!], { ...at(18), interrupted: true }).looks!.ended, "unfinished");
});

Deno.test("an early look that the later seeds do not resemble does not cut the interval off its difference", () => {
  const seeds = Array.from({ length: 16 }, (_, index) => index + 1);
  // The first eight lie within ±0.1 of 0, the others at −1.
  const arm = new Map(seeds.map((seed) => [seed, (seed <= 8 ? 0 : -1) + (seed % 2 ? 0.1 : -0.1)]));
  const zeros = new Map(seeds.map((seed) => [seed, 0]));
  const options = { seeds, counts: [8, 16], family: 1 };
  const { difference, interval } = differenceOverLooks(arm, zeros, options);
  assert.ok(interval![0] < difference! && difference! < interval![1], `${difference} in ${interval}`);
});
