import assert from "node:assert/strict";
import { stringify } from "yaml";
import { random } from "#lib/prng.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { SYMPTOMS } from "#results/summary.ts";
import { parseSpec } from "#spec/parse.ts";
import { planArms } from "#spec/plan.ts";
import { diagnose } from "#study/experiment/diagnose.ts";
import { symptomsOf } from "#study/experiment/diagnostics.ts";
import { suggestionsFor } from "#study/experiment/suggestions.ts";
import { loss as lossSchema } from "#spec/loss_schema.ts";
import type { TrainEvent } from "#train/events.ts";
import { record as endedRecord } from "../support/records.ts";
import { CLEAN, FAULTS, LOSSES, trained } from "./mask_symptoms.ts";

const EVALS = 40;
const STEPS = 10 * EVALS;

interface Shape {
  readonly dice: (index: number) => number;
  readonly loss?: (index: number) => number;
  /** Rate at a share of the run; none is recorded if not given. */
  readonly rate?: (share: number) => number;
  readonly restarts?: readonly number[];
}

/** A run of 40 evaluations, one an epoch of ten steps. */
function record({ dice, loss = () => 0.1, rate, restarts = [] }: Shape): RunRecord {
  const evals = Array.from({ length: EVALS }, (_, index): TrainEvent => ({
    kind: "eval",
    step: 10 * (index + 1),
    epoch: index + 1,
    split: "validation",
    loss: loss(index),
    accuracy: 0.99,
    segmentation: {
      dice: dice(index),
      iou: 0.5,
      hausdorff_95: 2,
      boundary_f1: 0.5,
      class_dice: [0.99, dice(index)],
    },
  }));
  const steps = Array.from({ length: rate ? STEPS : 0 }, (_, step): TrainEvent => ({
    kind: "step",
    step,
    lr: rate!(step / STEPS),
    momentum: 0.9,
    loss: 1,
  }));
  const restarted = restarts.map((step): TrainEvent => ({ kind: "restart", step, cycle: 1 }));
  const ended: TrainEvent = { kind: "ended", step: STEPS, reason: "budget", detail: null, ms_per_step: 1 };
  const plan = { arm: "a", seed: 1, total_steps: STEPS, steps_per_epoch: 10 } as RunPlan;
  return { plan, provenance: {} as never, events: [...steps, ...restarted, ...evals, ended] };
}

const found = (shape: Shape) => [...symptomsOf(record(shape), 3).keys()];
const noise = (size: number, seed = 1) => {
  const source = random(seed, "dice");
  const values = Array.from({ length: EVALS }, () => size * source.normal());
  return (index: number) => values[index]!;
};

Deno.test("plateau: ten epochs in which Dice surely gains nothing, whatever its scatter", () => {
  assert.deepEqual(found({ dice: (index) => Math.min(0.9, 0.5 + index / 50) }), ["plateau"]);
  for (let seed = 1; seed <= 20; seed++) {
    const scatter = noise(0.003, seed);
    assert.deepEqual(found({ dice: (index) => 0.9 + scatter(index) }), ["plateau"], `scatter ${seed}`);
    assert.deepEqual(found({ dice: (index) => 0.5 + index / 200 + scatter(index) }), [], `rises ${seed}`);
  }
  // It may have risen: nobody can tell.
  assert.deepEqual(found({ dice: (index) => 0.8 + 0.02 * (-1) ** Math.floor(index / 2) }), []);
  assert.deepEqual(found({ dice: (index) => index < 36 ? 0.9 : 0.5 }), [], "a fall is no plateau");
  assert.deepEqual(found({ dice: () => 0.97 }), [], "nothing is left to gain");
});

Deno.test("plateau: the end of a decay is none, unless Dice is low or the rate was gone for half of the run", () => {
  const flat = (level: number) => (index: number) => Math.min(level, index * level / 15);
  const cosine = (share: number) => 0.05 * (1 + Math.cos(Math.PI * share));
  assert.deepEqual(found({ dice: flat(0.9), rate: cosine }), []);
  assert.deepEqual(found({ dice: flat(0.9), rate: () => 0.1 }), ["plateau"]);
  assert.deepEqual(found({ dice: flat(0.9), rate: (share) => share < 0.2 ? 0.1 : 1e-5 }), ["plateau"]);
  assert.deepEqual(found({ dice: flat(0.1), rate: cosine }), ["plateau"]);
  const late = (index: number) => Math.min(0.2, index / 150);
  assert.deepEqual(found({ dice: late, rate: cosine }), [], "it rose until ten epochs before the end");
});

Deno.test("volatile: Dice swings and does not rise; cross-entropy, which nobody trained by, may", () => {
  const swinging = (index: number) => 0.7 + 0.03 * (-1) ** index;
  assert.deepEqual(found({ dice: swinging }), ["volatile"]);
  assert.ok(Math.abs(symptomsOf(record({ dice: swinging }), 3).get("volatile")! - 0.06) < 1e-9);
  assert.deepEqual(found({ dice: (index) => 0.2 + index / 60 + 0.03 * (-1) ** index }), []);
  assert.deepEqual(
    found({ dice: (index) => 0.3 + index / 100, loss: (index) => 1 + 0.5 * (-1) ** index }),
    [],
  );
});

Deno.test("worse after a restart: by a point and by more than Dice scatters", () => {
  const lost = (by: number) => (index: number) => index < 25 ? 0.4 + index / 60 : 0.8 - by;
  assert.ok(found({ dice: lost(0.05), restarts: [250] }).includes("worse after a restart"));
  assert.ok(!found({ dice: lost(0.005), restarts: [250] }).includes("worse after a restart"));
  const scatter = noise(0.02);
  const scattered = { dice: (index: number) => lost(0.02)(index) + scatter(index), restarts: [250] };
  assert.ok(!found(scattered).includes("worse after a restart"));
});

Deno.test("real trainings: none of seven schedules alarms where it learns as it should, and a rate that is gone does", async () => {
  for (const [index, [name, schedule]] of Object.entries(CLEAN).entries()) {
    const losses = Object.entries(LOSSES);
    const [called, loss] = losses[index % losses.length]!;
    assert.deepEqual(
      [...symptomsOf(await trained(schedule, loss, 1, 24), 3).keys()],
      [],
      `${name}, ${called}`,
    );
  }
  const { schedule, loss } = FAULTS["rate gone at 15 %"]!;
  assert.deepEqual([...symptomsOf(await trained(schedule, loss, 1, 36), 3).keys()], ["plateau"]);
});

const VOCABULARY = {
  datasets: ["shapes-masks"],
  models: ["unet-tiny"],
  labelUnits: { "shapes-masks": "pixel" },
} as const;
const SPEC = parseSpec(
  `name: x
dataset: { name: shapes-masks }
model: unet-tiny
batch_size: 10
duration: 20 epochs
seeds: [1, 2]
loss: { name: dice }
arms:
  - { name: base, schedule: { name: cosine, lr: 0.1, T_max: 100% } }
  - name: switched
    loss: { name: adaptive_progressive_hybrid, transition: switch }
    schedule: { name: constant, lr: 0.1 }
`,
  { file: "x", profile: null, overrides: {} },
  VOCABULARY,
);
const RECORDS = planArms(SPEC, 100, new Map()).map((plan): RunRecord => ({
  ...endedRecord({ ...plan, total_steps: STEPS }, 0.5),
  events: record({ dice: () => 0.5 }).events,
}));

Deno.test("suggestions of masks change the loss too, and each is YAML that a spec accepts", () => {
  for (const symptom of SYMPTOMS) {
    const suggestions = suggestionsFor(symptom, SPEC, "base", RECORDS).filter(({ loss }) => loss);
    assert.ok(suggestions.length >= 1, symptom);
    for (const { spec, loss, schedule, change } of suggestions) {
      const read = parseSpec(stringify(spec), { file: "x", profile: null, overrides: {} }, VOCABULARY);
      const changed = planArms(read, 100, new Map()).find(({ arm }) => arm === "base, changed")!;
      assert.deepEqual(changed.loss, lossSchema.parse(loss), change);
      assert.deepEqual(changed.schedule, schedule);
    }
  }
  const [ramps, ...more] = suggestionsFor("plateau", SPEC, "switched", RECORDS).filter(({ loss }) => loss);
  assert.equal(ramps!.loss!["transition"], "ramp");
  assert.equal(more.length, 0, "a loss that changes already stays");
});

Deno.test("diagnostics of masks say what Dice did, and hold the loss that may help", () => {
  const diagnostics = diagnose({
    spec: SPEC,
    classes: 3,
    records: (arm) => RECORDS.filter(({ plan }) => plan.arm === arm),
  });
  assert.match(diagnostics[0]!.text, /changes validation Dice by 0\.0 points from its first half/);
  assert.ok(diagnostics[0]!.suggestions.some(({ loss }) => loss?.name === "adaptive_progressive_hybrid"));
});
