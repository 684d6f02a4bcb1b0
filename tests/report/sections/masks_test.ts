import assert from "node:assert/strict";
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
