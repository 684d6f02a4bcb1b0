import assert from "node:assert/strict";
import { experiment } from "#study/experiment/study.ts";
import { lrRangeTest } from "#study/lr_range_test/study.ts";
import type { Conditions, DataFacts, StageRecords, StudyPlan } from "#study/study.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { TrainEvent } from "#train/events.ts";
import { parseSpec } from "#spec/parse.ts";
import { record } from "../support/records.ts";

const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 2 epochs
eval_every: 1 epoch
seeds: [1, 2]
tune: { rates: [0.1, 0.2], seeds: [9], extend: 1 }
arms:
  - { name: a, schedule: { name: constant, lr: tuned } }
  - { name: b, schedule: { name: multistep, lr: tuned a, milestones: [50%], gamma: 0.1 } }
sweep: { over: { "arms[1].schedule.gamma": [0.1, 0.5] } }
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
  test: split(50),
  digest: "d",
};
const conditions: Conditions = {
  device: { backend: "wasm", name: "WASM", detail: "", why: "" },
  provenance: { at: "", command: "", spec_digest: "", commit: null, versions: {}, jobs: 1, wall_s: 1 },
  interrupted: false,
  predictions: new Map(),
};
const facts = { spec: SPEC, data, files: new Map() };
const fits = () => Promise.resolve(null);
const rateOf = (plan: RunPlan) => plan.schedule["lr"] as number;

/** Every stage of a plan whose runs reach what `accuracy` says; `null` for a run that diverged. */
async function drive<R>(
  plan: StudyPlan<R>,
  accuracy: (plan: RunPlan) => number | null,
): Promise<StageRecords[]> {
  const stages: StageRecords[] = [];
  for (let stage; (stage = await plan.next(stages, fits)) !== null;) {
    const records = stage.plans.map((each) => {
      const reached = accuracy(each);
      return reached === null ? record(each, 0, "diverged") : record(each, reached);
    });
    stages.push({ plans: stage.plans, records });
  }
  return stages;
}

Deno.test("an experiment tunes beyond its range, then runs the arms and the sweep with the rate it chose", async () => {
  const plan = experiment({ spec: SPEC, questions: [], introduction: "why" }).plan(facts);
  // The larger the rate, the better.
  const stages = await drive(plan, (run) => Math.min(0.9, rateOf(run)));
  assert.deepEqual(stages.map(({ plans }) => [plans[0]!.role, plans.length]), [
    ["tune", 2],
    ["tune", 1],
    ["arm", 8],
  ]);
  assert.deepEqual(stages[1]!.plans.map(rateOf), [0.4]);
  assert.deepEqual(stages[2]!.plans.map(({ role }) => role), [
    ...Array.from({ length: 4 }, () => "arm"),
    ...Array.from({ length: 4 }, () => "sweep"),
  ]);
  assert.ok(stages[2]!.plans.every((run) => rateOf(run) === 0.4));
  assert.equal((await plan.next(stages.slice(0, 1), fits))!.foreseen, false);
  assert.equal(plan.totals.runs, 2 + 4 + 4);
  const summary = plan.summarise(stages, conditions);
  assert.equal(summary.complete, true);
  assert.equal(summary.introduction, "why");
  assert.equal(plan.summarise(stages, { ...conditions, interrupted: true }).complete, false);
});

Deno.test("tuning says why it goes no further where a schedule cannot have the rate beyond", async () => {
  const plan = experiment({ spec: SPEC, questions: [], introduction: "" }).plan(facts);
  const first = (await plan.next([], fits))!.plans;
  const tuned = { plans: first, records: first.map((run) => record(run, rateOf(run))) };
  const arms = (await plan.next(
    [tuned],
    (run) => Promise.resolve(rateOf(run) > 0.2 ? "lr is too large" : null),
  ))!;
  assert.equal(arms.plans[0]!.role, "arm");
  assert.deepEqual(arms.notices, ["Tuning goes no further on that side: lr is too large"]);
});

Deno.test("an arm with which every rate diverged ends the experiment in words", async () => {
  const plan = experiment({ spec: SPEC, questions: [], introduction: "" }).plan(facts);
  await assert.rejects(drive(plan, () => null), {
    name: "TuningFailure",
    message: /Every run of "a" failed with every rate that was tried \(0\.1, 0\.2, 0\.05\)/,
  });
});

Deno.test("a range test plans ramps, then short runs until the best rate has worse neighbours", async () => {
  const request = {
    ramp: { from: 1e-6, to: 10, steps: 100, shape: "exponential" as const },
    smoothing: 0.9,
    rule: "valley" as const,
    checkSteps: 10,
  };
  const study = lrRangeTest(SPEC, request);
  const plan = study.plan(facts);
  // The ramps' losses fall around a rate of 0.01, short runs are best at 0.3 and diverge from 0.5 on.
  const stages: StageRecords[] = [];
  for (let stage; (stage = await plan.next(stages, fits)) !== null;) {
    const records = stage.plans.map((run) => {
      if (run.lr_range) return ramped(run);
      const rate = rateOf(run);
      return rate >= 0.5
        ? record(run, 0, "diverged")
        : record(run, 0.8 - 0.2 * Math.abs(Math.log10(rate / 0.3)));
    });
    stages.push({ plans: stage.plans, records });
  }
  assert.deepEqual(stages[0]!.plans.map(({ id, lr_range }) => [id, lr_range]), [
    ["ramp-1", { smoothing: 0.9 }],
    ["ramp-2", { smoothing: 0.9 }],
  ]);
  const checks = (await plan.next(stages.slice(0, 1), fits))!;
  assert.equal(checks.foreseen, false);
  assert.match(checks.notices.join(), /^Short runs of 10 steps at 0\.\d.*: 6 runs$/);
  assert.ok(checks.plans.every(({ lr_range, seed }) => lr_range === undefined && seed > 50_000));
  const result = plan.summarise(stages, conditions);
  const { recommended, bracketed, fails_from, candidates } = result.validation!;
  assert.ok(
    bracketed && Math.abs(Math.log(recommended! / 0.3)) < Math.log(3) / 4 + 0.01,
    String(recommended),
  );
  assert.ok(fails_from! >= 0.5 && candidates.every(({ runs }) => runs.length === 2));
  const sizes = stages.slice(1).map(({ plans }) => plans.length);
  assert.deepEqual([sizes[0], sizes.at(-1), sizes.length > 2], [6, 4, true]);

  const complete = stages.map((_, count) => plan.summarise(stages.slice(0, count), conditions).complete);
  assert.deepEqual(complete, stages.map(() => false));
  assert.equal(result.complete, true);
  assert.equal(
    await plan.next([{ plans: stages[0]!.plans, records: [] }], fits),
    null,
    "nothing was suggested",
  );
  const cut = stages.map((stage, i) => i === 1 ? { ...stage, records: stage.records.slice(0, 2) } : stage);
  assert.equal(await plan.next(cut.slice(0, 2), fits), null, "the study was stopped within its short runs");
  assert.equal(plan.summarise(cut.slice(0, 2), conditions).complete, false);
  assert.equal(study.difference!(result), null);
  assert.match(lrRangeTest(SPEC, { ...request, checkSteps: 0 }).difference!(result)!, /rule differ/);
});

/** A ramp whose loss falls around a rate of 0.01. */
function ramped(plan: RunPlan): RunRecord {
  const { lr } = buildSchedule(plan.schedule, { totalSteps: 100, stepsPerEpoch: 10 });
  const events: TrainEvent[] = Array.from({ length: 100 }, (_, step) => {
    const rate = lr(step);
    const loss = 2.3 - 1.5 / (1 + (0.01 / rate) ** 2) + (rate / 3) ** 4;
    return { kind: "step", step, lr: rate, momentum: 0.9, loss };
  });
  events.push({ kind: "ended", step: 100, reason: "budget", detail: null, ms_per_step: 1 });
  return { plan, provenance: {} as never, events };
}

Deno.test("a stage of the loss that a run ends before is named when its runs are planned, once an arm", async () => {
  const spec = parseSpec(
    `name: x
dataset: { name: shapes-masks }
model: unet-tiny
batch_size: 10
duration: 2 epochs
seeds: [1, 2]
arms:
  - { name: fits, loss: { name: adaptive_progressive_hybrid }, schedule: { name: constant, lr: 0.1 } }
  - name: guide
    loss: { name: adaptive_progressive_hybrid, structure_epochs: 1 epoch, boundary_epochs: 50 epochs }
    schedule: { name: constant, lr: 0.1 }
  - name: cascade
    loss: { name: adaptive_complexity_cascade, stage_epochs: 1 epoch }
    schedule: { name: constant, lr: 0.1 }
  - name: longer
    from: cascade
    duration: 4 epochs
    loss: { name: adaptive_complexity_cascade, stage_epochs: 1 epoch, components: [{ name: dice }, { name: focal }] }
    schedule: { name: constant, lr: 0.1 }
`,
    { file: "x", profile: null, overrides: {} },
    { datasets: ["shapes-masks"], models: ["unet-tiny"], labelUnits: { "shapes-masks": "pixel" } },
  );
  const plan = experiment({ spec, questions: [], introduction: "" }).plan({ ...facts, spec });
  const stage = await plan.next([], fits);
  assert.deepEqual(stage!.notices, [
    'Arm "guide": boundary_epochs of adaptive_progressive_hybrid comes to step 500, and the run ends at step 20: ' +
    "what begins there is never trained with",
    'Arm "cascade": stage 3 by stage_epochs of adaptive_complexity_cascade comes to step 20, and the run ends at ' +
    "step 20: what begins there is never trained with",
  ]);
});
