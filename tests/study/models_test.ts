import assert from "node:assert/strict";
import { evidenceOf, type Results } from "#study/experiment/evidence.ts";
import { modelsOf, type Predictions } from "#study/experiment/models.ts";
import { predictionsOf, type PredictionTensor } from "#study/experiment/predictions.ts";
import { comparing } from "#study/questions.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { summarise } from "#study/experiment/summarise.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import type { TrainEvent } from "#train/events.ts";
import { record } from "../support/records.ts";

const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 10 epochs
seeds: [1, 2]
averages: [{ kind: ema }]
arms:
  - { name: one, schedule: { name: constant, lr: 0.1 } }
  - { name: restarts, schedule: { name: sgdr, lr: 0.1, T_0: 5 epochs }, snapshots: { limit: 5 } }
  - { name: many, schedule: { name: constant, lr: 0.1 }, members: 3 }
`,
  { file: "x", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);
const PLANS = planArms(SPEC, 100, new Map());

/** Labels of three images; each model below is sure of its answers. */
const LABELS = [0, 1, 1];
const sure = (...classes: number[]): PredictionTensor => ({
  shape: [3, 2],
  data: new Float32Array(classes.flatMap((one) => one === 0 ? [4, 0] : [0, 4])),
});
const kept = (models: Record<string, PredictionTensor>) =>
  predictionsOf(
    Object.entries(models).flatMap(([name, tensor]) =>
      [[`${name}/validation`, tensor], [`${name}/test`, tensor]] as const
    ),
  );

/** Three models of one error each, on different images: any two are wrong where either is, all three are right. */
const ERRING = [sure(1, 1, 1), sure(0, 0, 1), sure(0, 1, 0)];
const PREDICTIONS: Predictions = {
  labels: { validation: LABELS, test: LABELS },
  of: ({ arm, member }: RunPlan) =>
    arm === "many"
      ? kept({ final: ERRING[member!.index]! })
      : arm === "restarts"
      ? kept({ "snapshot/0": ERRING[0]!, "snapshot/1": ERRING[1]!, "snapshot/2": ERRING[2]! })
      : kept({ final: ERRING[0]! }),
};

function withAverage(record: RunRecord, name: string, accuracy: number): RunRecord {
  const { total_steps: step } = record.plan;
  const evaluation = (split: "validation" | "test"): TrainEvent => ({
    kind: "eval",
    step,
    epoch: 10,
    split,
    weights: name,
    loss: 0.5,
    accuracy,
  });
  return {
    ...record,
    events: [
      ...record.events.slice(0, -1),
      evaluation("validation"),
      evaluation("test"),
      record.events.at(-1)!,
    ],
  };
}

function results(change: (record: RunRecord) => RunRecord = (same) => same): Results {
  return {
    spec: SPEC,
    tuning: [],
    arms: PLANS.map((plan) => change(withAverage(record(plan, 0.6), "ema", 0.7))),
    cells: [],
    sweep: [],
    images: { validation: 3, test: 3 },
    classes: 10,
    predictions: PREDICTIONS,
  };
}

Deno.test("an ensemble of members, or of snapshots, is one value a seed; of a single model it is that model", () => {
  const evidence = evidenceOf(results());
  for (const arm of ["many", "restarts"]) {
    assert.deepEqual([...evidence.values(arm, "test_accuracy:ensemble")], [[1, 1], [2, 1]], arm);
    assert.deepEqual([...evidence.values(arm, "test_accuracy")].map(([seed]) => seed), [1, 2], arm);
  }
  assert.ok(Math.abs(evidence.values("one", "test_accuracy:ensemble").get(1)! - 2 / 3) < 1e-12);
});

Deno.test("what is told of an ensemble: its members alone, its growth, how much they differ, what they cost", () => {
  const [many] = evidenceOf(results()).ensembles("many");
  assert.equal(many!.kind, "members");
  assert.equal(many!.members, 3);
  assert.equal(many!.steps, 300);
  assert.ok(Math.abs(many!.single.test_accuracy - 2 / 3) < 1e-12);
  assert.ok(Math.abs(many!.chosen.test_accuracy - 2 / 3) < 1e-12);
  assert.equal(many!.mean_logits.test_accuracy, 1);
  assert.ok(Math.abs(many!.disagreement! - 2 / 3) < 1e-12, "two of three images for each pair");
  assert.equal(many!.test_accuracy_by_members.length, 3);
  assert.equal(many!.test_accuracy_by_members.at(-1), 1);
});

Deno.test("a seed with a member that diverged has no ensemble, and no mean", () => {
  const evidence = evidenceOf(
    results((one) =>
      one.plan.arm === "many" && one.plan.member!.of === 2 && one.plan.member!.index === 1
        ? record(one.plan, 0.6, "diverged")
        : one
    ),
  );
  assert.deepEqual([...evidence.values("many", "test_accuracy:ensemble").keys()], [1]);
  assert.deepEqual([...evidence.values("many", "test_accuracy").keys()], [1]);
});

Deno.test("an average is a metric by its name, and final figures stay those of the weights in training", () => {
  const evidence = evidenceOf(results());
  assert.deepEqual([...evidence.values("one", "test_accuracy:ema").values()], [0.7, 0.7]);
  assert.deepEqual([...evidence.values("one", "validation_accuracy").values()], [0.6, 0.6]);
  assert.equal(evidence.values("one", "test_accuracy:swa").size, 0);
  assert.deepEqual(
    modelsOf(evidence.records("one")[0]!).map(({ name, test_accuracy }) => [name, test_accuracy]),
    [
      ["final", 0.59],
      ["ema", 0.7],
    ],
  );
});

Deno.test("a question may set an average, or an ensemble, against an arm's own final weights", () => {
  const { verdict, text } = comparing({ question: "?", hypothesis: "" }, {
    arm: "one",
    against: "one",
    metric: "test_accuracy:ema",
    againstMetric: "test_accuracy",
    expect: { kind: "within", margin: 0.5 },
  }).answer(evidenceOf(results()));
  // Two seeds on a test split of three images bear nothing.
  assert.ok(
    verdict.kind === "inconclusive" &&
      /more seeds in both arms: the 2 that there are rule nothing out/.test(verdict.missing),
  );
  assert.match(text, /^test accuracy \(ema\) of one minus test accuracy of one: \+11\.0 points/);
});

Deno.test("the summary has models, ensembles, and comparisons of what both arms have", () => {
  const { arms, comparisons } = summarise(evidenceOf(results()), {
    complete: true,
    data: { name: "x", digest: "", train: {}, validation: {}, test: {} } as never,
    device: {} as never,
    provenance: {} as never,
    questions: [],
    introduction: "",
  });
  assert.deepEqual(arms.map(({ ensembles }) => ensembles?.length), [undefined, 2, 2]);
  assert.deepEqual(arms[2]!.runs[1]!.member, { of: 1, index: 1 });
  assert.deepEqual(arms[0]!.runs[0]!.models?.map(({ name }) => name), ["final", "ema"]);
  const metrics = comparisons.filter(({ arm }) => arm === "restarts").map(({ metric }) => metric);
  assert.deepEqual(metrics.slice(4), ["test_accuracy:ema", "test_accuracy:ensemble"]);
});
