import type { Answer } from "#results/summary.ts";
import assert from "node:assert/strict";
import type { Summary } from "#results/summary.ts";
import { composeReport } from "#report/compose/experiment.ts";
import { learningRateFigure } from "#report/sections/curves/curve_figures.ts";
import { headline } from "#report/compose/headline.ts";
import { kindOf } from "#report/charts/registry.ts";
import type { LineChart } from "#report/charts/lines/chart.ts";
import { type Figure, figuresOf, type Report } from "#report/model.ts";
import type { Table } from "#report/table.ts";
import { cyclesFixture } from "../../support/cycles_fixture.ts";
import { experimentFixture, TARGET } from "../../support/experiment_fixture.ts";
import { LONG } from "../../support/long.ts";

const { summary, records } = experimentFixture({ seeds: [1, 2, 3], steps: 300, stepsPerEpoch: 50 });
const report = composeReport(summary, records);

function figure(from: Report, id: string): Figure {
  const found = figuresOf(from).find((one) => one.id === id);
  assert.ok(found, `${id} is missing`);
  return found;
}

function table(from: Report, section: string): Table {
  const found = from.sections.find(({ id }) => id === section)?.blocks.find((block) =>
    block.kind === "table"
  );
  assert.ok(found?.kind === "table", `no table in ${section}`);
  return found;
}

function lines(from: Report, id: string): LineChart {
  const { chart } = figure(from, id);
  assert.ok(chart.kind === "lines");
  return chart;
}

const comparison = (
  difference: number | null,
  interval: [number, number] | null,
  metric = "test_accuracy",
) => ({
  ...summary,
  answers: [],
  comparisons: [{
    arm: "step",
    against: "constant",
    metric,
    difference,
    interval,
    seeds: interval === null ? 1 : 3,
    verdict: "higher" as const,
  }],
});

Deno.test("the headline is the first comparison on test data, with interval and seeds", () => {
  assert.equal(
    headline(comparison(0.031, [0.019, 0.042])),
    "“step” ends 3.1 points of test accuracy above “constant” [1.9, 4.2], 3 seeds",
  );
  assert.equal(
    headline(comparison(-0.031, [-0.042, -0.019])),
    "“step” ends 3.1 points of test accuracy below “constant” [−4.2, −1.9], 3 seeds",
  );
  assert.equal(
    headline(comparison(-90, [-120, -60], "steps_to_target")),
    "“step” reaches the target 90 steps earlier than “constant” [−120, −60], 3 seeds",
  );
});

Deno.test("the headline of an experiment with questions is the answer to the first", () => {
  const answer = {
    question: "Is cosine better?",
    hypothesis: "Yes: it ends with a small rate.",
    unit: "points",
    text: "",
    verdict: { kind: "supported", effect: 6.84, interval: [1.6, 12], runs: 32 },
  } as const;
  const said = (verdict: Answer["verdict"], hypothesis: string = answer.hypothesis) =>
    headline({ ...summary, answers: [{ ...answer, verdict, hypothesis }, answer] });
  assert.equal(
    said(answer.verdict),
    "Is cosine better? Yes, as expected: +6.8 points [1.6, 12.0], 32 runs",
  );
  assert.match(said(answer.verdict, "Nearly: within 10 points."), /better\? As expected: \+6\.8/);
  assert.match(said({ ...answer.verdict, kind: "contradicted" }), /better\? Not as expected: \+6\.8/);
  assert.match(
    said({ ...answer.verdict, effect: -50, interval: [-77, -14], decided_by: "failures" }),
    /as expected: −50\.0 points \[−77\.0, −14\.0\] in the share of runs that fail, 32 runs$/,
  );
  assert.equal(said({ kind: "inconclusive", missing: "3 more" }), "Is cosine better? Still open");
});

Deno.test("a headline never claims what the interval does not bear", () => {
  assert.equal(
    headline(comparison(0.006, [-0.01, 0.022])),
    "No detectable difference in test accuracy between “step” and “constant” in 3 seeds: +0.6 points [−1.0, 2.2]",
  );
  assert.match(headline(comparison(0.03, null)), /above “constant” in 1 seed: too few for an interval$/);
  assert.equal(
    headline(comparison(null, null)),
    "No finished pair of runs compares “step” and “constant” yet",
  );
  assert.equal(
    headline({ ...summary, answers: [], comparisons: [] }),
    "4 arms, 12 finished runs, nothing to compare",
  );
});

Deno.test("validation accuracy: mean and range over seeds at each evaluation, in percent, with the target", () => {
  const chart = lines(report, "validation-accuracy");
  assert.equal(chart.lines.length, 4);
  const first = records.slice(0, 3).map(({ events }) => events.find(({ kind }) => kind === "eval")!);
  const accuracies = first.map((event) => event.kind === "eval" ? 100 * event.accuracy : NaN);
  const [line] = chart.lines;
  assert.equal(line!.x[0], 25);
  assert.ok(Math.abs(line!.y[0]! - accuracies.reduce((a, b) => a + b) / 3) < 1e-9);
  assert.equal(line!.band!.low[0], Math.min(...accuracies));
  assert.equal(line!.band!.high[0], Math.max(...accuracies));
  assert.deepEqual(chart.levels, [{ label: "target 62.0 %", value: 100 * TARGET }]);
  assert.deepEqual(chart.above, { title: "epoch", every: 50 });
});

Deno.test("the learning rate drawn is the one recorded, with its jumps in their places", () => {
  const [, step] = lines(report, "learning-rate").lines;
  const at = (x: number) => step!.y[step!.x.findLastIndex((other) => other <= x)];
  assert.equal(step!.style, "curve");
  assert.ok(step!.x.includes(99) && step!.x.includes(100), "the drop is as sharp as it was");
  assert.ok(step!.x.length < 20, "and what is level between needs no points");
  assert.equal(at(99), Math.fround(0.05));
  assert.equal(at(100), Math.fround(0.05 * 0.1));
  assert.equal(lines(report, "learning-rate").y.scale, "linear");
});

Deno.test("rates have a log axis where most arms are long at rates that a linear one would show as zero", () => {
  const of = (...arms: string[]) =>
    learningRateFigure(arms.map((arm, series) => ({
      arm,
      series,
      runs: records.filter(({ plan }) => plan.arm === arm),
      failed: new Set<number>(),
    }))).chart as LineChart;
  assert.equal(of("constant", "step ×0.1", "step ×0.1, own rate").y.scale, "log");
  assert.equal(of("constant", "step ×0.1").y.scale, "linear");
});

Deno.test("a diverged run is named, left out of the means and marked by a cross", () => {
  const broken = experimentFixture({ steps: 300, stepsPerEpoch: 50, diverged: { arm: 1, seed: 2 } });
  const composed = composeReport(broken.summary, broken.records);
  assert.match(composed.notices[0]!.text, /“step ×0\.1” with seed 2 diverged at step 60/);
  const loss = figure(composed, "training-loss").chart;
  assert.ok(loss.kind === "lines");
  const failed = loss.lines[1]!.runs!.find((run) => run.failed)!;
  assert.deepEqual([failed.seed, failed.x.at(-1)], [2, 59]);
  const highest = Math.max(...loss.lines.flatMap(({ y }) => y));
  assert.ok(highest < 5, "the diverging loss is in the mean");
  assert.ok(Math.max(...failed.y) < 5, "nor is it drawn higher than the others reach");
  const drawn = kindOf(loss).plotly(loss).data.filter(({ meta }) =>
    (meta as { part?: string }).part === "failed"
  );
  assert.equal(drawn.length, 1);
  assert.equal(drawn[0]!.visible, true, "a failed run is shown without being asked for");
  assert.equal((drawn[0]!.marker as { symbol: string }).symbol, "x");
  const { chart } = figure(composed, "arms-at-a-glance");
  assert.ok(chart.kind === "multiples");
  assert.deepEqual(chart.panels.map(({ remark }) => remark), ["", "1 of 3 failed", "", ""]);
  const row = table(composed, "arms").rows[1]!;
  assert.ok(row.cells.includes("3, 1 diverged"));
});

Deno.test("of more than twelve arms the first screen has those that are compared; the curves have all", () => {
  const names = Array.from({ length: 13 }, (_, index) => `arm ${index}`);
  const many = experimentFixture({ arms: names, seeds: [1, 2] });
  const arms = many.summary.arms.map((arm) =>
    arm.name === "arm 5" ? { ...arm, compared: false as const } : arm
  );
  const composed = composeReport({ ...many.summary, arms }, many.records);
  const { chart } = figure(composed, "arms-at-a-glance");
  assert.deepEqual(
    chart.kind === "multiples" && chart.panels.map(({ label }) => label),
    names.filter((name) => name !== "arm 5"),
  );
  assert.equal(lines(composed, "validation-accuracy").lines.length, 13);
});

Deno.test("the first screen: a panel for each arm, the main difference seed by seed, a chip for each question", () => {
  const [panels, difference, strip] = report.overview;
  assert.ok(panels?.kind === "figure" && panels.chart.kind === "multiples");
  assert.deepEqual(panels.chart.panels.map(({ label }) => label), report.series);
  const [first] = panels.chart.panels;
  assert.deepEqual(first!.lower.y, lines(report, "validation-accuracy").lines[0]!.y);
  assert.deepEqual(first!.lower.runs!.map(({ seed }) => seed), [1, 2, 3]);
  assert.ok(difference?.kind === "figure" && difference.chart.kind === "intervals");
  assert.equal(difference.id, "difference-test-accuracy");
  for (const { value, dots } of difference.chart.rows) {
    assert.equal(dots!.length, 3);
    const mean = dots!.reduce((sum, dot) => sum + dot.value, 0) / 3;
    assert.ok(Math.abs(mean - value) < 1e-9, "the mark is the mean of its dots");
  }
  assert.ok(strip?.kind === "strip" && strip.section === "answers");
  assert.equal(strip.answers.length, summary.answers.length);
  const elsewhere = report.sections.flatMap(({ blocks }) => blocks);
  assert.ok(!elsewhere.some((block) => block.kind === "figure" && block.id === difference.id), "shown once");
});

Deno.test("runs that failed are no dots of a comparison that left them out, and a margin is shaded", () => {
  const arms = summary.arms.map((arm, index) =>
    index === 1
      ? { ...arm, runs: arm.runs.map((run) => run.seed === 2 ? { ...run, failed: true as const } : run) }
      : arm
  );
  const comparisons = summary.comparisons.map((one) => ({ ...one, margin: 0.01, failed_pairs: 1 }));
  const composed = composeReport({ ...summary, arms, comparisons }, records);
  const { chart } = figure(composed, "difference-test-accuracy");
  assert.ok(chart.kind === "intervals");
  assert.deepEqual(chart.rows.map(({ dots }) => dots!.map(({ seed }) => seed)), [[1, 3], [1, 2, 3], [
    1,
    2,
    3,
  ]]);
  assert.equal(chart.margin, 1);
  const [area] = kindOf(chart).plotly(chart).layout.shapes as { type: string; x0: number; x1: number }[];
  assert.deepEqual([area!.type, area!.x0, area!.x1], ["rect", -1, 1]);
});

Deno.test("a stopped experiment says that it is partial, and an arm without runs breaks nothing", () => {
  const empty: Summary = {
    ...summary,
    complete: false,
    arms: summary.arms.map((arm, index) => index === 0 ? arm : { ...arm, runs: [] }),
    comparisons: [],
    tuning: [],
    sweep: null,
    answers: [],
    target: null,
  };
  const composed = composeReport(empty, records.slice(0, 2));
  assert.equal(composed.notices[0]!.kind, "partial");
  assert.match(composed.notices[0]!.text, /runs so far, of which 3 are complete/);
  assert.equal(lines(composed, "validation-accuracy").lines.length, 1);
  assert.deepEqual(composed.sections.map(({ id }) => id), ["arms", "curves", "setup"]);
  assert.deepEqual(table(composed, "arms").rows[1]!.cells.slice(1), ["–", "–", "–", "–", "0", "–"]);
});

Deno.test("without any record there is still a report", () => {
  const composed = composeReport(
    { ...summary, arms: [], comparisons: [], tuning: [], sweep: null, answers: [] },
    [],
  );
  assert.deepEqual(composed.sections.map(({ id }) => id), ["arms", "setup"]);
});

Deno.test("arms table: mean ± standard deviation with the interval of the mean", () => {
  const [first] = table(report, "arms").rows;
  assert.match(first!.cells[1]!, /^\d\d\.\d ± \d\.\d \[\d\d\.\d, \d\d\.\d\]$/);
  assert.equal(first!.series, 0);
});

Deno.test("comparisons tell the widened interval, that of one alone, and the seeds that a difference would take", () => {
  const section = report.sections.find(({ id }) => id === "comparisons")!;
  const [first] = section.blocks;
  assert.ok(first?.kind === "text" && first.text.includes("All 3 intervals of a metric hold together"));
  const tables = [section, report.sections.find(({ id }) => id === "planning")!]
    .flatMap(({ blocks }) => blocks).filter((block) => block.kind === "table");
  assert.deepEqual(tables[0]!.columns.map(({ label }) => label), [
    "arm",
    "difference",
    "95 % interval",
    "uncorrected",
    "verdict",
  ]);
  const seeds = tables.at(-1)!;
  assert.match(seeds.caption, /Seeds needed to detect a difference in test accuracy/);
  assert.match(seeds.note, /3 seeds estimate it only roughly/);
  const needed = seeds.rows[0]!.cells.slice(2).map((cell) =>
    Number(/[\d,]+/.exec(cell)![0].replaceAll(",", ""))
  );
  assert.ok(needed.every((count, index) => index === 0 || count <= needed[index - 1]!), String(needed));
  assert.ok(needed[0]! > needed.at(-1)!, "a smaller difference takes no more seeds");
});

Deno.test("a summary of an earlier version has intervals that stand for themselves, and no plan of seeds", () => {
  const composed = composeReport(comparison(0.03, [0.01, 0.05]), records);
  const blocks = composed.sections.find(({ id }) => id === "comparisons")!.blocks;
  assert.ok(blocks[0]!.kind === "text" && blocks[0]!.text.includes("not corrected for multiple comparisons"));
  assert.equal(blocks.filter(({ kind }) => kind === "table").length, 1);
});

Deno.test("averages and ensembles: against the final weights, and by the number of models", () => {
  const cycles = cyclesFixture();
  const composed = composeReport(cycles.summary, cycles.records);
  const section = composed.sections.find(({ id }) => id === "models")!;
  const { lines: drawn } = lines(composed, "ensemble-gain");
  assert.deepEqual(drawn.map(({ label, series, x }) => [label, series, x]), [
    ["warm restarts, snapshots", 1, [1, 2, 3]],
    ["three models, independent models", 3, [1, 2, 3]],
  ]);
  const [ensembles, averages] = section.blocks.filter((block) => block.kind === "table");
  assert.deepEqual(ensembles!.rows[0]!.cells.slice(0, 3), ["warm restarts", "3 snapshots", "600"]);
  assert.equal(ensembles!.rows[0]!.cells[6], "+1.7", "over the best of them");
  assert.deepEqual(averages!.rows.map(({ cells }) => cells[1]), ["ema", "swa"], "snapshots are no averages");
  assert.match(averages!.note, /widened for 2 comparisons/);
});

Deno.test("the first steps: medians by arm, on a log scale where they span much, and how many runs diverged", () => {
  const cycles = cyclesFixture();
  const composed = composeReport(cycles.summary, cycles.records);
  const ratio = lines(composed, "first-update-ratio");
  assert.equal(ratio.y.scale, "log");
  assert.equal(ratio.lines.length, 4);
  assert.ok(lines(composed, "first-loss").lines.every(({ x }) => x.at(-1) === 99));
  const { rows } = table(composed, "first-steps");
  assert.deepEqual(rows[0]!.cells.slice(0, 2), ["cosine", "0 of 3 runs"]);
  assert.ok(report.sections.every(({ id }) => id !== "first-steps"));
});

Deno.test("trouble: what was seen in how many runs, and the schedules that may help", () => {
  const cycles = cyclesFixture();
  const composed = composeReport(cycles.summary, cycles.records);
  const [rules, seen, help] = composed.sections.find(({ id }) => id === "diagnostics")!.blocks;
  assert.ok(rules?.kind === "text" && rules.text.includes("gain at most 0.2 points"));
  assert.ok(seen?.kind === "table" && seen.rows[0]!.cells[2] === "2 of 3 runs");
  assert.ok(help?.kind === "table");
  assert.deepEqual(help.rows.map(({ cells }) => cells.at(-1)), [
    "{ name: aggressive_restart, lr: 0.1, multiplier: 4 }",
    "{ name: sgdr, lr: 0.1, T_0: 8% }",
  ]);
  assert.ok(report.sections.every(({ id }) => id !== "diagnostics"));
});

Deno.test("drops are drawn against the smooth arm at the same steps, the first of each arm; the table has all", () => {
  const cycles = cyclesFixture();
  const composed = composeReport(cycles.summary, cycles.records);
  assert.deepEqual(lines(composed, "loss-around-drops").lines.map(({ label, series }) => [label, series]), [
    ["step, drop 1", 2],
    ["three models, drop 1", 3],
    ["cosine, at step 200", 0],
  ]);
  const { rows, caption } = table(composed, "drops");
  assert.match(caption, /against “cosine”/);
  assert.equal(rows.length, 6);
  assert.equal(rows[0]!.cells[1], "1, step 200: 0.05 to 0.01");
  assert.ok(report.sections.every(({ id }) => id !== "drops"), "nothing is smooth there");
});

Deno.test("restarts: loss around each, best and sharpness by cycle, paths; nothing of them without cycles", () => {
  const cycles = cyclesFixture();
  const composed = composeReport(cycles.summary, cycles.records);
  const around = lines(composed, "loss-around-restarts").lines;
  assert.deepEqual(around.map(({ label, series, variant }) => [label, series, variant]), [
    ["warm restarts, restart 1", 1, 0],
    ["warm restarts, restart 2", 1, 1],
  ]);
  const after = around[0]!.x.findIndex((x) => x >= 0);
  assert.ok(
    around[0]!.x[after]! > 0 && around[0]!.y[after]! > 0.5,
    "the spike stands at zero, but for one batch",
  );
  assert.deepEqual(lines(composed, "best-by-cycle").x.ticks, [0, 1, 2]);
  assert.deepEqual(lines(composed, "sharpness").lines[0]!.x, [0, 1, 2]);
  assert.equal(lines(composed, "paths").lines.length, 2);
  const [restarts, paths] = composed.sections.find(({ id }) => id === "restarts")!.blocks.filter((block) =>
    block.kind === "table"
  );
  assert.deepEqual(restarts!.rows.map(({ cells }) => cells.slice(0, 3)), [["warm restarts", "1", "200"], [
    "warm restarts",
    "2",
    "400",
  ]]);
  assert.deepEqual(paths!.rows.map(({ cells }) => cells.at(-1)), ["barrier", "no detectable barrier"]);
  assert.ok(report.sections.every(({ id }) => id !== "restarts"));
});

Deno.test("heatmap: cells with mean, spread and runs; a cell without a run says so", () => {
  const { chart, caption } = figure(report, "sensitivity");
  assert.ok(chart.kind === "heatmap");
  assert.deepEqual(chart.y.labels, ["0.1", "0.2", "0.5"]);
  assert.deepEqual(chart.x.labels, ["33 / 67 / 89 %", "17 / 33 / 50 %", "67 / 83 / 94 %"]);
  assert.deepEqual(chart.cells[0]![0], {
    value: 71,
    text: ["71.0 ± 0.6", "3 runs"],
    outlined: true,
  });
  assert.deepEqual(chart.cells[0]![2]!.text, ["72.0 ± 1.0", "best"]);
  assert.deepEqual(chart.cells[2]![1], { value: null, text: ["no run finished"] });
  assert.match(caption, /varies by about 0\.8 points between seeds/);
});

Deno.test("a sweep over one number is a curve with a band, over words a row for each", () => {
  const sweep = summary.sweep!;
  const one = (axis: number) => ({
    ...sweep,
    axes: [sweep.axes[axis]!],
    region: { ...sweep.region!, axes: [sweep.region!.axes[axis]!] },
    cells: sweep.cells.filter((_, index) => axis === 0 ? index % 3 === 0 : index < 3)
      .map((cell) => ({ ...cell, values: [cell.values[axis]] })),
  });
  const drawn = (axis: number) =>
    figure(composeReport({ ...summary, sweep: one(axis) }, records), "sensitivity").chart;
  const curve = drawn(0);
  assert.ok(curve.kind === "lines");
  assert.deepEqual(curve.lines[0]!.x, [0.1, 0.2, 0.5]);
  assert.equal(curve.lines[0]!.bars, true);
  assert.deepEqual(curve.lines[1]!.x, [0.2, 0.5], "crosses on what is outside of the region");
  const rows = drawn(1);
  assert.ok(rows.kind === "intervals");
  assert.deepEqual(rows.rows.map(({ label }) => label), [
    "milestones 33 / 67 / 89 %",
    "milestones 17 / 33 / 50 %",
    "milestones 67 / 83 / 94 %",
  ]);
});

Deno.test("tuning: rates in order, the chosen one marked, a diverged one in the table alone", () => {
  const chart = lines(report, "tuning");
  assert.deepEqual(chart.lines[0]!.x, [0.0125, 0.025, 0.05, 0.1]);
  assert.equal(chart.lines[0]!.chosen, 2);
  assert.equal(chart.lines[1]!.chosen, 3);
  assert.ok(table(report, "rates").rows.some(({ cells }) => cells[1] === "0.4" && cells[3] === "1"));
});

Deno.test("100,000 steps an arm stay within a few hundred points, in time that grows with the steps alone", () => {
  const long = experimentFixture({
    arms: ["a", "b"],
    seeds: LONG ? [1, 2] : [1],
    steps: 100_000,
    stepsPerEpoch: 1000,
  });
  const started = performance.now();
  const chart = lines(composeReport(long.summary, long.records), "training-loss");
  // About a second; work that grew with their square would take many minutes on any machine.
  assert.ok(performance.now() - started < 60_000, `${performance.now() - started} ms`);
  for (const { x } of chart.lines) {
    assert.ok(x.length <= 600, `${x.length} points`);
    assert.ok(x[0]! < 1000 && x.at(-1) === 99_999, "from the first block to the last step");
  }
});

Deno.test("a rate from the end of those that were tried is noted", () => {
  const trials = [0.1, 0.2, 0.4].map((value) => ({ value, accuracy: value, diverged: 0 }));
  const composed = (chosen: number) =>
    composeReport({ ...summary, tuning: [{ arm: "cosine", path: "schedule.lr", trials, chosen }] }, [])
      .notices.map(({ text }) => text).filter((text) => text.includes("performs best"));
  assert.deepEqual(composed(0.4), [
    "“cosine” performs best with the largest learning rate tried, 0.4: a larger one may be better.",
  ]);
  assert.deepEqual(composed(0.1), [], "its neighbour did better");
  assert.deepEqual(composed(0.2), []);
});

Deno.test("an arm that was decided at an early look lacks no seeds; one without a seed in the middle does", () => {
  const looks = {
    planned: [2, 3],
    taken: [],
    budget_s: null,
    ended: "decided",
  } as const;
  const without = (seed: number) =>
    summary.arms.map((arm, index) =>
      index === 1 ? { ...arm, runs: arm.runs.filter((run) => run.seed !== seed) } : arm
    );
  const notices = (seed: number) =>
    composeReport({ ...summary, looks, arms: without(seed) }, records).notices
      .map(({ text }) => text).filter((text) => text.includes("was not run with"));
  assert.deepEqual(notices(3), []);
  assert.equal(notices(2).length, 1);
});
