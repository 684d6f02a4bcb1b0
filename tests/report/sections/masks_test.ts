import assert from "node:assert/strict";
import { composeRangeTest } from "#report/compose/lr_range.ts";
import { composeSweep } from "#report/compose/sweep.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { findingText } from "#study/lr_range_test/verdict.ts";
import { rangeTestFixture } from "../../support/lr_range_fixture.ts";
import { sweepOutcome, sweepPlan } from "../../support/sweep_fixture.ts";
import { tuningTables } from "#report/sections/tuning/tuning_table.ts";
import { mainMetric } from "#report/sections/comparisons/difference_figures.ts";
import { multiplesFigure } from "#report/sections/overview/multiples_figure.ts";
import type { RunRecord } from "#results/run.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const { records, summary } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one"] });
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
