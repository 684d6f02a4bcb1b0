import assert from "node:assert/strict";
import { metricOf } from "#results/metrics.ts";
import { evidenceOf, type Results, TARGET_SHARE } from "#study/experiment/evidence.ts";
import { hasDiverged } from "#results/final.ts";
import { comparing, measuring } from "#study/questions.ts";
import { checkQuestions } from "#study/exercise.ts";
import { contrasting } from "#study/sweep_questions.ts";
import type { CellChoice } from "#spec/sweep/choice.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { chooseRates } from "#study/experiment/tuning.ts";
import { studentQuantile } from "#stats/distributions.ts";
import { planArms, planTuning, runKey } from "#spec/plan.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";
import { record } from "../support/records.ts";

const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 10 epochs
eval_every: 1 epoch
seeds: [1, 2, 3]
tune: { rates: [0.01, 0.1, 1], seeds: [9] }
baseline: constant
arms:
  - { name: constant, schedule: { name: constant, lr: tuned } }
  - { name: drops, schedule: { name: multistep, lr: tuned constant, milestones: [50%], gamma: 0.1 } }
  - { name: own, schedule: { name: multistep, gamma: 0.1, milestones: [50%], lr: tuned } }
sweep:
  over:
    "arms[1].schedule.gamma": [0.1, 0.5]
    "arms[1].schedule.milestones": [[50%], [25%]]
`,
  { file: "x", profile: null, overrides: {} },
  { datasets: ["shapes"], models: ["cnn-small"] },
);
const IMAGES = 100;

Deno.test("tuning tries every rate for every arm that has one of its own, with one budget", () => {
  const plans = planTuning(SPEC, IMAGES);
  assert.deepEqual(plans.map(({ arm, schedule, seed }) => [arm, schedule["lr"], seed]), [
    ["constant", 0.01, 9],
    ["constant", 0.1, 9],
    ["constant", 1, 9],
    ["own", 0.01, 9],
    ["own", 0.1, 9],
    ["own", 1, 9],
  ]);
  assert.ok(plans.every(({ read_test, total_steps }) => !read_test && total_steps === 100));
});

Deno.test("the best rate by validation accuracy is chosen; a rate that diverged loses, a tie goes to the smaller", () => {
  const reached: Record<string, number> = {
    "constant 0.01": 0.5,
    "constant 0.1": 0.5,
    "own 0.01": 0.4,
    "own 0.1": 0.6,
  };
  const { chosen, tuning } = chooseRates(
    planTuning(SPEC, IMAGES).map((plan) => {
      const lr = plan.schedule["lr"] as number;
      return record(plan, reached[`${plan.arm} ${lr}`] ?? 0.9, lr === 1 ? "diverged" : "budget");
    }),
    10,
  );
  assert.deepEqual([...chosen], [["constant", 0.01], ["own", 0.1]]);
  assert.deepEqual(tuning[0]!.trials.map(({ diverged }) => diverged), [0, 0, 1]);
  const arms = planArms(SPEC, IMAGES, chosen);
  assert.deepEqual(arms.map(({ schedule }) => schedule["lr"]), [
    0.01,
    0.01,
    0.01,
    0.01,
    0.01,
    0.01,
    0.1,
    0.1,
    0.1,
  ]);
});

Deno.test("what rises to its rate has max_lr tuned, and may take the rate of an arm that has lr", () => {
  const spec: Spec = {
    ...SPEC,
    arms: [
      { name: "cycle", schedule: { name: "one_cycle", max_lr: "tuned", duration: "100%" } },
      { name: "fall", schedule: { name: "cosine", lr: "tuned cycle", T_max: "100%" } },
    ],
    sweep: null,
  };
  const tried = planTuning(spec, IMAGES);
  assert.deepEqual(tried.map(({ schedule }) => [schedule["max_lr"], schedule["lr"]]), [
    [0.01, undefined],
    [0.1, undefined],
    [1, undefined],
  ]);
  const { chosen, tuning } = chooseRates(
    tried.map((plan) => record(plan, plan.schedule["max_lr"] === 0.1 ? 0.9 : 0.5)),
    10,
  );
  assert.equal(tuning[0]!.path, "schedule.max_lr");
  const [cycle, fall] = ["cycle", "fall"].map((arm) =>
    planArms(spec, IMAGES, chosen).find((plan) => plan.arm === arm)!.schedule
  );
  assert.equal(cycle!["max_lr"], 0.1);
  assert.equal(fall!["lr"], 0.1);
});

Deno.test("plans that differ in name alone, or in the order of their keys, are one run", () => {
  const chosen = new Map([["constant", 0.1], ["own", 0.1]]);
  const arms = planArms(SPEC, IMAGES, chosen);
  const key = (arm: string, seed: number) =>
    runKey(arms.find((plan) => plan.arm === arm && plan.seed === seed)!);
  assert.equal(key("drops", 1), key("own", 1));
  assert.notEqual(key("drops", 1), key("drops", 2));
  assert.notEqual(key("drops", 1), key("constant", 1));
  const cells = planSensitivity(SPEC, IMAGES, chosen);
  assert.equal(runKey(cells[0]!.plans[0]!), key("drops", 1));
  assert.equal(new Set(cells.flatMap(({ plans }) => plans.map(runKey))).size, 12);
});

function results(accuracy: (plan: RunPlan, values: readonly unknown[]) => number): Results {
  const chosen = new Map([["constant", 0.1], ["own", 0.2]]);
  const cells = planSensitivity(SPEC, IMAGES, chosen);
  return {
    spec: SPEC,
    tuning: [],
    arms: planArms(SPEC, IMAGES, chosen).map((plan) => record(plan, accuracy(plan, []))),
    cells,
    sweep: cells.flatMap(({ cell, plans }) => plans.map((plan) => record(plan, accuracy(plan, cell.values)))),
    images: { validation: 50, test: 40 },
    classes: 10,
  };
}

Deno.test("differences are paired over seeds, so what a seed does to all arms alike is left out", () => {
  // Seeds differ by far more than the arms do.
  const evidence = evidenceOf(results(({ arm, seed }) => 0.5 + 0.1 * seed + (arm === "drops" ? 0.05 : 0)));
  const { difference, interval, verdict, seeds } = evidence.compare("drops", "constant", "test_accuracy");
  assert.ok(Math.abs(difference! - 0.05) < 1e-12);
  assert.equal(seeds, 3);
  assert.equal(verdict, "higher");
  // Equal differences leave what rounding to one image of the test split is worth, t(1 − 0.025/2; 2)/√18 of 1/40 each
  // way for two comparisons.
  const half = studentQuantile(1 - 0.025 / 2, 2) / Math.sqrt(18) / 40;
  assert.ok(Math.abs(interval![0] - 0.05 + half) < 1e-12, `${interval}`);
  assert.ok(Math.abs(interval![1] - 0.05 - half) < 1e-12, `${interval}`);
});

Deno.test("an interval is widened for all arms that are compared with the baseline, and its own is kept", () => {
  const evidence = evidenceOf(
    results(({ arm, seed }) => 0.5 + (arm === "drops" ? [0, 0.02, 0.05, 0.11][seed]! : 0)),
  );
  const { interval, interval_uncorrected, family, spread } = evidence.compare(
    "drops",
    "constant",
    "test_accuracy",
  );
  assert.equal(family, 2, "two arms beside the baseline");
  const width = ([low, high]: readonly [number, number]) => high - low;
  assert.ok(
    Math.abs(
      width(interval!) / width(interval_uncorrected!) -
        studentQuantile(1 - 0.025 / 2, 2) / studentQuantile(0.975, 2),
    ) < 1e-9,
  );
  assert.ok(Math.abs(spread! - 0.0458257569) < 1e-9);
  const question = comparing({ question: "?", hypothesis: "" }, {
    arm: "drops",
    against: "constant",
    metric: "test_accuracy",
    expect: { kind: "higher" },
  });
  assert.match(question.answer(evidence).text, /points \[−10\.4, 22\.4\], 3 seeds\.$/);
});

Deno.test("steps to target: the first evaluation at 95 % of the baseline's mean final accuracy", () => {
  const evidence = evidenceOf(results(({ arm }) => arm === "constant" ? 0.6 : 0.8));
  assert.ok(Math.abs(evidence.target! - TARGET_SHARE * 0.6) < 1e-12);
  assert.deepEqual([...evidence.values("constant", "steps_to_target").values()], [100, 100, 100]);
  assert.deepEqual([...evidence.values("drops", "steps_to_target").values()], [80, 80, 80]);
});

Deno.test("a run that diverged has no figures, and leaves its pair", () => {
  const base = results(() => 0.6);
  const arms = base.arms.map((one) =>
    one.plan.arm === "drops" && one.plan.seed === 2 ? record(one.plan, 0.6, "diverged") : one
  );
  const evidence = evidenceOf({ ...base, arms });
  assert.deepEqual([...evidence.values("drops", "test_accuracy").keys()], [1, 3]);
  assert.equal(metricOf([evidence.records("drops")[1]!], "training_loss", null), null);
  assert.deepEqual(evidence.measure("drops", "constant", "test_accuracy").dropped, [2]);
});

Deno.test("answers: supported, contradicted and inconclusive come from the records", () => {
  const question = comparing({ question: "?", hypothesis: "higher" }, {
    arm: "drops",
    against: "constant",
    metric: "test_accuracy",
    expect: { kind: "higher" },
  });
  const verdict = (gain: (seed: number) => number) =>
    question.answer(evidenceOf(results(({ arm, seed }) => 0.5 + (arm === "drops" ? gain(seed) : 0)))).verdict;
  assert.equal(verdict(() => 0.1).kind, "supported");
  assert.equal(verdict(() => -0.1).kind, "contradicted");
  assert.equal(verdict((seed) => [0, 0.1, -0.1, 0.01][seed]!).kind, "inconclusive");
  const supported = verdict(() => 0.1);
  assert.ok(supported.kind === "supported" && Math.abs(supported.effect - 10) < 1e-9, "not in points");
});

Deno.test("a figure of each run is set against another arm's, or against zero", () => {
  const arms = results(() => 0.6).arms.map((one) =>
    one.plan.arm === "drops" && one.plan.seed > 1 ? record(one.plan, 0.6, "diverged") : one
  );
  const asked = { question: "?", hypothesis: "" };
  const evidence = evidenceOf({ ...results(() => 0.6), arms });
  const measured = {
    what: "diverged runs",
    unit: "of all",
    of: (one: RunRecord) => hasDiverged(one) ? 1 : 0,
    arm: "drops",
    expect: { kind: "higher" },
  } as const;
  const { verdict, text } = measuring(asked, { ...measured, against: "constant" }).answer(evidence);
  assert.equal(verdict.kind, "inconclusive");
  assert.match(
    text,
    /^diverged runs of drops minus constant: \+0\.667 of all \[.*\], 3 seeds\.$/,
  );
  assert.match(measuring(asked, measured).answer(evidence).text, /^diverged runs of drops: \+0\.667 of all/);
});

Deno.test("a contrast of a sweep averages the other axis within each seed", () => {
  const question = contrasting({ question: "?", hypothesis: "lower" }, {
    cells: { milestones: ["25%"] },
    against: { milestones: ["50%"] },
    expect: { kind: "lower" },
  });
  const evidence = evidenceOf(
    results(({ seed }, [gamma, milestones]) =>
      0.5 + 0.05 * seed + (gamma === 0.5 ? 0.02 : 0) - (String(milestones) === "25%" ? 0.1 : 0)
    ),
  );
  const { verdict, text } = question.answer(evidence);
  assert.ok(verdict.kind === "supported" && Math.abs(verdict.effect + 10) < 1e-9, JSON.stringify(verdict));
  assert.match(text, /milestones \[25%\] minus \[50%\], averaged over gamma: .*−?-?10\.0 points.*3 seeds/);
  assert.deepEqual(evidence.sweep!.cells.map(({ values, runs }) => [...values, runs.length]), [
    [0.1, ["50%"], 3],
    [0.1, ["25%"], 3],
    [0.5, ["50%"], 3],
    [0.5, ["25%"], 3],
  ]);
});

Deno.test("a contrast of values that the sweep does not have is refused with the axis and its values", () => {
  const asked = (cells: CellChoice) =>
    contrasting({ question: "?", hypothesis: "" }, {
      cells,
      against: { gamma: 0.1 },
      expect: { kind: "lower" },
    });
  const evidence = evidenceOf(results(() => 0.5));
  const wrong: [CellChoice, RegExp][] = [
    [{ gamma: 0.2 }, /^RangeError: Cannot choose cells with gamma 0\.2: gamma is one of 0\.1, 0\.5$/],
    [{ milestones: ["30%"] }, /milestones \[30%\]: milestones is one of \[50%\], \[25%\]$/],
    [{ gama: 0.1 }, /gama 0\.1: no such axis; did you mean "gamma"\? Allowed: gamma, milestones$/],
    [{}, /without a value: name one of gamma, milestones$/],
  ];
  for (const [cells, message] of wrong) {
    assert.throws(() => checkQuestions([asked(cells)], SPEC), message);
    assert.throws(() => asked(cells).answer(evidence), message);
  }
  const bySpec = asked({ gamma: 0.5, milestones: ["25%"] });
  checkQuestions([bySpec], SPEC);
  assert.match(bySpec.answer(evidence).text, /gamma 0\.5, milestones \[25%\] minus gamma 0\.1: /);
  assert.throws(
    () => checkQuestions([bySpec], { ...SPEC, sweep: null }),
    /gamma 0\.5: the spec has no sweep/,
  );
});

Deno.test("evaluations of averaged weights are no figures of the weights in training", () => {
  const [plan] = planArms(SPEC, IMAGES, new Map([["constant", 0.1], ["own", 0.2]]));
  const plain = record(plan!, 0.6);
  const averaged = plain.events.map((event) =>
    event.kind === "eval" ? { ...event, weights: "ema", accuracy: 0.99, loss: 0.01 } : event
  );
  const both = {
    ...plain,
    events: [...averaged.slice(0, -1), ...plain.events.slice(0, -1), plain.events.at(-1)!],
  };
  const after = {
    ...plain,
    events: [...plain.events.slice(0, -1), ...averaged.slice(0, -1), plain.events.at(-1)!],
  };
  for (
    const metric of ["test_accuracy", "validation_accuracy", "validation_loss", "steps_to_target"] as const
  ) {
    assert.equal(metricOf([both], metric, 0.3), metricOf([plain], metric, 0.3), metric);
    assert.equal(metricOf([after], metric, 0.3), metricOf([plain], metric, 0.3), metric);
  }
});
