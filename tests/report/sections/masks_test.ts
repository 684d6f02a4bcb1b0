import assert from "node:assert/strict";
import { composeRangeTest } from "#report/compose/lr_range.ts";
import { composeSweep } from "#report/compose/sweep.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { findingText } from "#study/lr_range_test/verdict.ts";
import { rangeTestFixture } from "../../support/lr_range_fixture.ts";
import { sweepOutcome, sweepPlan } from "../../support/sweep_fixture.ts";
import { armsTable } from "#report/sections/arms/arms_table.ts";
import { trainingLossFigure } from "#report/sections/curves/curve_figures.ts";
import { saidBefore } from "#study/experiment/said_before.ts";
import { tuningTables } from "#report/sections/tuning/tuning_table.ts";
import { mainMetric } from "#report/sections/comparisons/difference_figures.ts";
import { multiplesFigure } from "#report/sections/overview/multiples_figure.ts";
import { maskFigures } from "#results/metrics.ts";
import type { RunRecord } from "#results/run.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const { records, summary } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one"] });
/** Of a run without evaluations. */
const MISSING = maskFigures((): number | null => null);
const scores = { iou: 0.2, hausdorff_95: 3, boundary_f1: 0.1, class_dice: [0.9, 0.3] };
const withMasks = (record: RunRecord): RunRecord => ({
  ...record,
  events: record.events.map((event) =>
    event.kind === "eval" ? { ...event, segmentation: { ...scores, dice: 0.3 } } : event
  ),
});

Deno.test("the first screen shows accuracy, of runs of masks mean Dice, in every place alike", () => {
  const first = (runs: readonly RunRecord[]) => {
    const [figure] = multiplesFigure([{ arm: "one", series: 0, runs, failed: new Set() }], { target: null });
    assert.ok(figure!.chart.kind === "multiples");
    return {
      title: figure!.title,
      axis: figure!.chart.lower.title,
      end: figure!.chart.panels[0]!.lower.y.at(-1),
    };
  };
  assert.deepEqual(first(records.map(withMasks)), {
    title: "Learning rate and validation Dice of each arm",
    axis: "Dice (%)",
    end: 30,
  });
  const plain = first(records);
  assert.equal(plain.title, "Learning rate and validation accuracy of each arm");
  assert.equal(plain.axis, "accuracy (%)");
  assert.notEqual(plain.end, 30);
});

Deno.test("arms of masks are compared by Dice before the accuracy of their pixels", () => {
  assert.equal(mainMetric([{ metric: "test_accuracy" }, { metric: "test_dice" }]), "test_dice");
  assert.equal(mainMetric([{ metric: "training_loss" }, { metric: "test_accuracy" }]), "test_accuracy");
});

Deno.test("tuning by Dice says so", () => {
  const tuning = [{
    arm: "one",
    path: "schedule.lr",
    chosen: 0.1,
    fails_from: null,
    trials: [{ value: 0.1, accuracy: 0.3, lower_quartile: 0.2, diverged: 0, failed: 0, runs: 4 }],
  }];
  const text = JSON.stringify(tuningTables({ ...summary, tuning }, "Dice"));
  assert.match(text, /validation Dice/);
  assert.doesNotMatch(text, /accuracy/);
});

Deno.test("a sweep of masks goes by Dice in titles, axes, tables, sentences and the terminal", () => {
  const { told } = sweepOutcome(
    sweepPlan(["arms[0].schedule.lr=0.01,0.03,0.1", "arms[0].schedule.power=1,2"]),
    (plan) => 0.5 + (plan.schedule["lr"] as number),
  );
  const report = composeSweep({ ...told, metric: "validation_dice" });
  const text = renderTerminal(report, { columns: 100, color: false, page: null, verbose: true });
  assert.match(text, /Validation Dice over/);
  assert.match(text, /Dice \(%\)/);
  for (const shown of [JSON.stringify(report), text]) assert.doesNotMatch(shown, /accurac/i);
});

Deno.test("a range test of masks goes by Dice in its figure, its table and its answer", () => {
  const result = rangeTestFixture();
  const validation = { ...result.validation!, metric: "validation_dice" as const };
  const best = validation.candidates[0]!;
  const found = { recommended: best.lr, bracketed: true, between: null };
  const text = findingText(validation.candidates, best, found, "Dice");
  assert.match(text, /reached the highest mean validation Dice without a failed run/);
  const report = composeRangeTest({ ...result, validation: { ...validation, text } });
  const words = JSON.stringify(report).replaceAll("validation-accuracy", "");
  assert.match(words, /Validation Dice of short runs/);
  assert.doesNotMatch(words, /accurac/i);
});

Deno.test("tables of arms begin with the figures of masks, and give their losses no unit", () => {
  const masks = {
    test_dice: 0.3,
    validation_dice: 0.3,
    test_iou: 0.2,
    test_hausdorff_95: 3,
    test_boundary_f1: 0.1,
  };
  const heads = (runs: typeof summary.arms[number]["runs"]) =>
    armsTable({ arms: [{ ...summary.arms[0]!, runs }] }).columns.map(({ label }) => label);
  const [run] = summary.arms[0]!.runs;
  assert.deepEqual(heads([run!]).slice(1, 4), [
    "test accuracy (%)",
    "validation accuracy (%)",
    "training loss (nats)",
  ]);
  const ofMasks = heads([{ ...run!, masks: { ...MISSING, ...masks } }]);
  assert.deepEqual(ofMasks.slice(1, 3), ["test Dice (%)", "validation Dice (%)"]);
  assert.ok(ofMasks.includes("training loss") && !ofMasks.includes("training loss (nats)"));
});

Deno.test("arms that train with other losses are not compared by the level of their training loss", () => {
  const arm = (loss: RunRecord["plan"]["loss"] | null, series: number) => ({
    arm: `arm ${series}`,
    series,
    runs: records.map((record) => ({ ...record, plan: { ...record.plan, ...(loss && { loss }) } })),
    failed: new Set<number>(),
  });
  const dice = { name: "dice", smoothing: 1, include_background: false } as const;
  const one = trainingLossFigure([arm(null, 0), arm(null, 1)]);
  assert.match(JSON.stringify(one.chart), /training loss \(nats/);
  assert.doesNotMatch(one.caption, /do not compare/);
  const other = trainingLossFigure([arm(null, 0), arm(dice, 1)]);
  assert.doesNotMatch(JSON.stringify(other.chart) + other.alt, /nats/);
  assert.match(other.caption, /Arms have other losses: their levels do not compare\.$/);
});

Deno.test("theory's order is set against Dice where images have masks", () => {
  const { records, summary } = experimentFixture({ arms: ["constant", "step ×0.1"] });
  const arms = summary.arms.map((arm) => ({
    ...arm,
    runs: arm.runs.map((run) => ({ ...run, masks: { ...MISSING, test_dice: 0.5 } })),
  }));
  const said = saidBefore({ ...summary, arms }, records);
  assert.ok(said !== null && typeof said === "object");
  assert.deepEqual(said.metrics, ["test_dice", "training_loss"]);
  assert.equal(said.arms[0]!.results[0]!.mean, 0.5);
});
