import assert from "node:assert/strict";
import { mainMetric } from "#report/sections/comparisons/difference_figures.ts";
import { trainingLossFigure, validationFigure } from "#report/sections/curves/curve_figures.ts";
import { levelsOf } from "#report/sections/curves/shown_score.ts";
import { multiplesFigure } from "#report/sections/overview/multiples_figure.ts";
import { MULTIPLES } from "#report/charts/multiples/multiples.ts";
import { seedsNeededTable } from "#report/sections/planning/planning_table.ts";
import { tuningTables } from "#report/sections/tuning/tuning_table.ts";
import { metricEntry } from "#results/metrics.ts";
import type { RunRecord } from "#results/run.ts";
import { textScores } from "#train/text_scores.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const { records, summary } = experimentFixture({ steps: 20, stepsPerEpoch: 10, arms: ["one"] });
const ENTROPY = Math.log(2.5);
const ofText = (record: RunRecord): RunRecord => ({
  ...record,
  events: record.events.map((event) =>
    event.kind === "eval"
      ? { ...event, loss: Math.log(4), text: textScores(Math.log(4), { charactersPerToken: 1 }) }
      : event
  ),
});
const arm = { arm: "one", series: 0, runs: records.map(ofText), failed: new Set<number>() };

Deno.test("the first screen of text shows perplexity, with target and floor as levels", () => {
  const [figure] = multiplesFigure([arm], { target: 0.2, entropy: ENTROPY });
  assert.ok(figure!.chart.kind === "multiples");
  const { lower, panels, levels } = figure!.chart;
  assert.equal(figure!.title, "Learning rate and validation perplexity of each arm");
  assert.deepEqual([lower.title, lower.scale], ["perplexity, log", "log"]);
  assert.ok(Math.abs(panels[0]!.lower.y.at(-1)! - 4) < 1e-9);
  assert.deepEqual(levels.map(({ label }) => label), ["target 5.00", "floor 2.50"]);
  assert.match(figure!.caption, /Floor: the perplexity of the text's source, 2\.50/);
  // Plotly's own choice is a label for each digit.
  const { layout } = MULTIPLES.plotly(figure!.chart);
  assert.deepEqual((layout["yaxis2"] as { ticktext: string[] }).ticktext, ["5", "10", "20"]);
  const held = validationFigure([arm], { target: null, entropy: ENTROPY });
  assert.ok(held.chart.kind === "lines");
  assert.equal(held.chart.y.title, "validation perplexity, log");
  assert.deepEqual(held.chart.levels.map(({ label }) => label), ["floor 2.50"]);
});

Deno.test("the loss of text has the entropy of its source as a floor, where it is known", () => {
  const figure = trainingLossFigure([arm], { entropy: ENTROPY });
  assert.ok(figure.chart.kind === "lines");
  assert.deepEqual(figure.chart.levels, [{ label: "floor 0.916", value: ENTROPY }]);
  const plain = trainingLossFigure([arm]);
  assert.ok(plain.chart.kind === "lines" && plain.chart.levels.length === 0);
  const dataset = { ...summary.dataset, entropy: ENTROPY };
  assert.deepEqual(levelsOf({ ...summary, dataset }), { target: summary.target, entropy: ENTROPY });
});

Deno.test("arms of text are compared by perplexity, of which less is better", () => {
  assert.equal(mainMetric([{ metric: "test_accuracy" }, { metric: "test_perplexity" }]), "test_perplexity");
  for (const key of ["test_perplexity", "validation_perplexity", "test_bits_per_character"]) {
    assert.equal(metricEntry(key)!.better, "lower");
  }
  assert.equal(metricEntry("test_perplexity")!.read([ofText(records[0]!)], null), 4);
  assert.equal(metricEntry("test_bits_per_character")!.read([ofText(records[0]!)], null), 2);
  assert.equal(metricEntry("test_perplexity")!.read([records[0]!], null), null);
});

Deno.test("seeds to plan go by perplexity, in shares of it", () => {
  const comparisons = ["test_accuracy", "test_perplexity"].map((metric) => ({
    arm: "two",
    against: "one",
    metric,
    difference: 0.2,
    interval: [0.1, 0.3] as const,
    spread: 0.1,
    family: 1,
    seeds: 5,
    verdict: "higher" as const,
  }));
  const text = {
    test_perplexity: 4,
    validation_perplexity: 4,
    test_bits_per_character: 2,
    validation_bits_per_character: 2,
  };
  const arms = summary.arms.map((each) => ({ ...each, runs: each.runs.map((run) => ({ ...run, text })) }));
  const [table] = seedsNeededTable({ ...summary, comparisons, arms });
  assert.equal(table!.caption, "Seeds needed to detect a difference in test perplexity");
  assert.deepEqual(table!.columns.map(({ label }) => label).slice(1), [
    "spread",
    "0.5 % (0.02)",
    "1 % (0.04)",
    "2 % (0.08)",
    "5 % (0.2)",
  ]);
  // Cohen's tables for a paired t test: an effect of two standard deviations takes 5 pairs.
  assert.match(table!.rows[0]!.cells.at(-1)!, /^5 /);
});

Deno.test("tuning by the likelihood of tokens says so", () => {
  const tuning = [{
    arm: "one",
    path: "schedule.lr",
    chosen: 0.1,
    fails_from: null,
    trials: [{ value: 0.1, accuracy: 0.3, lower_quartile: 0.2, diverged: 0, failed: 0, runs: 4 }],
  }];
  const text = JSON.stringify(tuningTables({ ...summary, tuning }, "token likelihood"));
  assert.match(text, /validation token likelihood \(%\).*1 \/ perplexity/);
  assert.doesNotMatch(text, /accuracy/i);
});
