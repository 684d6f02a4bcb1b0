import assert from "node:assert/strict";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { lossWeightFigures } from "#report/sections/curves/loss_weights.ts";
import { setupFacts } from "#report/sections/setup/setup_facts.ts";
import { loss as lossSchema } from "#spec/loss_schema.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

function fact(label: string, changed: Partial<RunPlan>): string {
  const { summary, records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one"] });
  const record: RunRecord = { ...records[0]!, plan: { ...records[0]!.plan, ...changed } };
  return setupFacts(summary, [record]).find((one) => one.label === label)!.value;
}

Deno.test("every optimizer is told by its own constants", () => {
  const common = { weight_decay: 0.01, clip_norm: null };
  const told = (optimizer: RunPlan["optimizer"]) => fact("Optimizer", { optimizer });
  assert.equal(
    told({ name: "sgd", momentum: 0.9, nesterov: true, ...common }),
    "sgd, momentum 0.9 (Nesterov), weight decay 0.01",
  );
  assert.equal(
    told({ name: "adamw", betas: [0.9, 0.9995], eps: 1e-8, ...common, clip_norm: 1 }),
    "adamw, betas 0.9 and 0.9995, eps 1e-8, decoupled weight decay 0.01, gradient norm at most 1",
  );
  assert.equal(
    told({ name: "rmsprop", alpha: 0.99, eps: 1e-8, momentum: 0, ...common, clip_value: 0.5 }),
    "rmsprop, alpha 0.99, eps 1e-8, momentum 0, weight decay 0.01, gradient components at most 0.5",
  );
  assert.equal(
    told({
      name: "adam",
      betas: [0.9, 0.999],
      eps: 1e-8,
      ...common,
      weight_decay: 0,
      reset_at_restart: true,
      groups: [{ match: "conv1/*", lr_factor: 0.1, frozen_until: "2 epochs" }],
    }),
    "adam, betas 0.9 and 0.999, eps 1e-8, state reset at each restart, " +
      "conv1/*: learning rate × 0.1 and frozen until 2 epochs",
  );
});

Deno.test("the loss is told, and which arm has which", () => {
  assert.equal(fact("Loss", {}), "cross-entropy");
  const smoothed = { name: "cross_entropy", label_smoothing: 0.1 } as const;
  assert.equal(fact("Loss", { loss: smoothed }), "cross-entropy, labels smoothed by 0.1");
  const { summary, records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one", "two"] });
  const changed = records.map((record): RunRecord =>
    record.plan.arm === "two"
      ? { ...record, plan: { ...record.plan, loss: { name: "focal", gamma: 2 } } }
      : record
  );
  const told = setupFacts(summary, changed).find(({ label }) => label === "Loss")!.value;
  assert.equal(told, "cross-entropy (one); focal, gamma 2 (two)");
});

Deno.test("a step of several batches is told as such", () => {
  assert.equal(fact("Batch", { batch_size: 64 }), "64 images");
  assert.equal(
    fact("Batch", { batch_size: 64, accumulate: 4 }),
    "256 images per step, accumulated over 4 batches of 64 images",
  );
});

Deno.test("the setup names every loss with its settings, and how its weights move", () => {
  const shown = (loss: unknown) => fact("Loss", { loss: lossSchema.parse(loss) });
  assert.equal(shown({ name: "focal" }), "focal, gamma 2");
  assert.equal(
    shown({
      name: "sum",
      components: [
        { name: "dice", weight: { name: "linear", lr: 1, duration: "50%" } },
        { name: "hausdorff", weight: 0.1 },
      ],
    }),
    "(linear 1 → 0 over 50%) × Dice, smoothing 1 + 0.1 × Hausdorff, alpha 2",
  );
  assert.equal(
    shown({ name: "adaptive_structure_boundary" }),
    "Dice, smoothing 1 → focal, gamma 2: ramps from 10% to 60%",
  );
  assert.equal(
    shown({ name: "adaptive_progressive_hybrid", transition: "switch", order: "shuffled" }),
    "Dice, smoothing 1 → focal, gamma 2 → Hausdorff, alpha 2: switches, steps shuffled, at 10%, 40%, 70%",
  );
  assert.match(
    shown({ name: "adaptive_complexity_cascade" }),
    /^cross-entropy → Dice.*: ramps, one more every 25%$/,
  );
  assert.match(shown({ name: "adaptive_dynamic_hybrid" }), /: 0\.1 of the weight moves after 2 evaluations/);
});

Deno.test("weights of a loss are drawn component by component, for the arms that have it", () => {
  const { records } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one", "two"] });
  const weighted = records.filter(({ plan }) => plan.arm === "one").map((record) => ({
    ...record,
    events: record.events.map((event) =>
      event.kind === "step"
        ? { ...event, loss_components: [{ name: "cross_entropy", weight: event.step / 32, loss: 1 }] }
        : event
    ),
  }));
  const armOf = (arm: string, series: number, runs: readonly RunRecord[]) => ({
    arm,
    series,
    runs,
    failed: new Set<number>(),
  });
  const figures = lossWeightFigures([
    armOf("one", 0, weighted),
    armOf("two", 1, records.filter(({ plan }) => plan.arm === "two")),
  ]);
  assert.deepEqual(figures.map(({ id, title }) => [id, title]), [
    ["loss-weight-cross-entropy", "Weight of cross-entropy in the loss"],
  ]);
  const { chart } = figures[0]!;
  assert.ok(chart.kind === "lines");
  assert.deepEqual(chart.lines.map(({ label, y }) => [label, y[0], y.at(-1)]), [["one", 0, 19 / 32]]);
});
