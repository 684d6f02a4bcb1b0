import assert from "node:assert/strict";
import { SYMPTOMS } from "#results/summary.ts";
import { stringify } from "yaml";
import { diagnose } from "#study/experiment/diagnose.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { suggestionsFor } from "#study/experiment/suggestions.ts";
import { diagnosticsOf, symptomsOf } from "#study/experiment/diagnostics.ts";
import { checkSchedule } from "#schedules/registry.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import type { TrainEvent } from "#train/events.ts";
import { record as endedRecord } from "../support/records.ts";

const EVALS = 24;

const ended = (reason: "budget" | "diverged"): TrainEvent => ({
  kind: "ended",
  step: 240,
  reason,
  detail: null,
  ms_per_step: 1,
});

/** A run of 24 evaluations, ten steps each, of one epoch in all. */
function record(
  accuracy: (index: number) => number,
  loss: (index: number) => number,
  extra: TrainEvent[] = [],
) {
  const events = Array.from({ length: EVALS }, (_, index): TrainEvent => ({
    kind: "eval",
    step: 10 * (index + 1),
    epoch: (index + 1) / EVALS,
    split: "validation",
    loss: loss(index),
    accuracy: accuracy(index),
  }));
  const plan = { arm: "a", seed: 1, total_steps: 240, steps_per_epoch: 240 } as RunPlan;
  const provenance = {} as never;
  return { plan, provenance, events: [...extra, ...events, ended("budget")] } satisfies RunRecord;
}
const falling = (index: number) => 2 - index / 20;
const rising = (index: number) => 0.3 + index / 50;
const restart: TrainEvent = { kind: "restart", step: 120, cycle: 1 };
const found = (one: RunRecord) => [...symptomsOf(one, 10).keys()];

Deno.test("a run that learns to its end has no symptom, nor has one that has nothing left to gain", () => {
  assert.deepEqual(found(record(rising, falling)), []);
  assert.deepEqual(found(record(rising, falling, [restart])), []);
  assert.deepEqual(found(record((index) => Math.min(0.995, rising(index) + 0.6), falling)), []);
});

Deno.test("plateau: the last third gains next to nothing", () => {
  const stuck = record((index) => Math.min(0.5, rising(index)), falling);
  assert.deepEqual(found(stuck), ["plateau"]);
  assert.equal(symptomsOf(stuck, 10).get("plateau"), 0);
  assert.deepEqual(found(record((index) => index < 16 ? 0.5 : 0.503, falling)), [], "0.3 points are a gain");
});

/** A run of images with masks, of which most pixels are background. */
function withDice(dice: (index: number) => number): RunRecord {
  const run = record(() => 0.995, falling);
  const events = run.events.map((event, index): TrainEvent =>
    event.kind === "eval"
      ? {
        ...event,
        segmentation: {
          dice: dice(index),
          iou: 0.5,
          hausdorff_95: 2,
          boundary_f1: 0.5,
          class_dice: [0.99, dice(index)],
        },
      }
      : event
  );
  return { ...run, events };
}

Deno.test("masks: Dice is what stands still or rises, since most pixels are background", () => {
  assert.deepEqual(found(withDice(() => 0.5)), ["plateau"]);
  assert.deepEqual(found(withDice(rising)), []);
  const base = withDice(() => 0);
  const records = (arm: string) =>
    arm === "base" ? [{ ...base, plan: { ...base.plan, arm, schedule: { name: "constant", lr: 0.1 } } }] : [];
  const [nothing] = diagnose({ spec: SPEC, classes: 3, records });
  assert.equal(nothing!.text, "The run ends at 0.0 % validation Dice, with next to nothing found.");
});

Deno.test("plateau: of a long run the last ten epochs count, not the last third", () => {
  const long = record((index) => index < 20 ? 0.3 + index / 100 : 0.49, falling);
  const epochs = { ...long, plan: { ...long.plan, steps_per_epoch: 4 } };
  assert.deepEqual(found(epochs), ["plateau"], "40 steps, those after the twentieth evaluation");
  assert.deepEqual(found(long), [], "80 steps, in which it still rose");
});

Deno.test("volatile: wide swings that come to nothing; swings on the way down are none", () => {
  const swinging = (index: number) => 1 + 0.3 * (-1) ** index;
  assert.deepEqual(found(record(rising, swinging)), ["volatile"]);
  assert.ok(Math.abs(symptomsOf(record(rising, swinging), 10).get("volatile")! - 0.6) < 0.01);
  assert.deepEqual(found(record(rising, (index) => swinging(index) * Math.exp(-index / 10))), []);
  assert.deepEqual(found(record(rising, (index) => 1 + 0.05 * (-1) ** index)), []);
});

Deno.test("worse after a restart: what follows never comes back to the best before", () => {
  const lost = record((index) => index < 12 ? 0.3 + index / 50 : 0.3 + (index - 12) / 60, falling, [restart]);
  assert.ok(Math.abs(symptomsOf(lost, 10).get("worse after a restart")! - (0.52 - 0.3 - 11 / 60)) < 1e-9);
  const back = record((index) => index === 12 ? 0.1 : rising(index), falling, [restart]);
  assert.deepEqual(found(back), [], "a dip that is made good is none");
});

Deno.test("an arm has the trouble that half of its runs show; one that diverged learnt nothing", () => {
  const stuck = record((index) => Math.min(0.5, rising(index)), falling);
  const well = record(rising, falling);
  const diverged = { ...stuck, events: [...stuck.events.slice(0, -1), ended("diverged")] };
  assert.deepEqual(
    diagnosticsOf([stuck, stuck, well, diverged], 10).map(({ symptom, runs, of }) => [symptom, runs, of]),
    [[
      "plateau",
      2,
      4,
    ]],
  );
  assert.deepEqual(diagnosticsOf([stuck, well, well], 10), []);
  assert.deepEqual(diagnosticsOf([diverged], 10), [{ symptom: "nothing learnt", runs: 1, of: 1, size: 0 }]);
  assert.deepEqual(diagnosticsOf([], 10), []);
});

const VOCABULARY = { datasets: ["shapes"], models: ["cnn-small"] };
const SPEC = parseSpec(
  `name: x
dataset: { name: shapes }
model: cnn-small
batch_size: 10
duration: 20 epochs
seeds: [1, 2]
tune: { rates: [0.05, 0.1], seeds: [9] }
arms:
  - { name: base, schedule: { name: constant, lr: tuned } }
  - name: escape
    from: base
    duration: 40 epochs
    schedule: { name: aggressive_restart, lr: tuned base, multiplier: 4 }
  - { name: ramp, schedule: { name: warmup, duration: 3 epochs, then: { name: cosine, lr: 0.2, T_max: 17 epochs } } }
`,
  { file: "x", profile: null, overrides: {} },
  VOCABULARY,
);
const PLANS = planArms(SPEC, 100, new Map([["base", 0.1]]));
const RECORDS = PLANS.map((plan) => endedRecord(plan, 0.5));

Deno.test("every suggestion is a spec that runs: the arm as it was run against the changed one", () => {
  for (const symptom of SYMPTOMS) {
    for (const { name } of SPEC.arms) {
      const suggestions = suggestionsFor(symptom, SPEC, name, RECORDS);
      assert.ok(suggestions.length >= 2, `${symptom} of ${name}`);
      for (const { spec, change, schedule } of suggestions) {
        const read = parseSpec(stringify(spec), { file: "x", profile: null, overrides: {} }, VOCABULARY);
        assert.equal(read.baseline, name);
        const plans = planArms(read, 100, new Map());
        const changed = plans.find(({ arm }) => arm === `${name}, changed`)!;
        assert.deepEqual(changed.schedule, schedule, change);
        assert.deepEqual(checkSchedule(schedule, { totalSteps: 200, stepsPerEpoch: 10 }), [], change);
        const before = PLANS.find(({ arm }) => arm === name)!;
        assert.deepEqual(plans.find(({ arm }) => arm === name)!.schedule, before.schedule);
        assert.notDeepEqual(schedule, before.schedule, change);
      }
    }
  }
});

Deno.test("suggestions are those of the guide, with the arm's own rate", () => {
  const schedules = (symptom: typeof SYMPTOMS[number], arm: string) =>
    suggestionsFor(symptom, SPEC, arm, RECORDS).map(({ schedule }) => schedule);
  assert.deepEqual(schedules("plateau", "base"), [
    { name: "aggressive_restart", lr: 0.1, multiplier: 4 },
    { name: "sgdr", lr: 0.1, T_0: "8%" },
    { name: "sgdr", lr: 0.2, T_0: "20%" },
  ]);
  assert.deepEqual(schedules("volatile", "escape")[0], {
    name: "aggressive_restart",
    lr: 0.1,
    multiplier: 2,
  });
  assert.equal(schedules("worse after a restart", "ramp")[0]!["duration"], "4.5 epochs");
  assert.equal(schedules("plateau", "ramp")[1]!["lr"], 0.2, "the highest rate that was applied");
});

Deno.test("diagnostics say what was seen in words and figures", () => {
  const stuck = RECORDS.map((one): RunRecord => ({
    ...one,
    events: one.events.map((event) => event.kind === "eval" ? { ...event, accuracy: 0.5 } : event),
  }));
  const diagnostics = diagnose({
    spec: SPEC,
    classes: 10,
    records: (arm) => stuck.filter(({ plan }) => plan.arm === arm),
  });
  assert.deepEqual(diagnostics.map(({ arm, symptom, runs, of }) => [arm, symptom, runs, of]), [
    ["base", "plateau", 2, 2],
    ["escape", "plateau", 2, 2],
    ["ramp", "plateau", 2, 2],
  ]);
  assert.match(diagnostics[0]!.text, /gains 0\.0 points of validation accuracy over the best before/);
  assert.equal(diagnostics[0]!.suggestions.length, 3);
});
