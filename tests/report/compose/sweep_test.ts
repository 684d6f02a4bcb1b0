import assert from "node:assert/strict";
import type { RunPlan } from "#results/run.ts";
import { random } from "#lib/prng.ts";
import { renderPage } from "#report/render/html.ts";
import type { HeatmapChart } from "#report/charts/heatmap.ts";
import type { IntervalChart } from "#report/charts/intervals.ts";
import type { LineChart } from "#report/charts/lines/chart.ts";
import type { ParallelChart } from "#report/charts/parallel.ts";
import { figuresOf, type Report } from "#report/model.ts";
import { type Chart, kindOf } from "#report/charts/registry.ts";
import { composeSweep } from "#report/compose/sweep.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { sweepOutcome, sweepPlan } from "../../support/sweep_fixture.ts";

const toPlotly = (chart: Chart) => kindOf(chart).plotly(chart);
const chartTable = (chart: Chart, caption: string) => kindOf(chart).table(chart, caption);
const chartCsv = (chart: Chart) => kindOf(chart).csv(chart);

const LR = "arms[0].schedule.lr=0.01,0.03,0.1";
const POWER = "arms[0].schedule.power=1,2";
const noise = (plan: RunPlan) => 0.003 * random(plan.seed, plan.id).normal();
const lr = (plan: RunPlan) => plan.schedule["lr"] as number;
const power = (plan: RunPlan) => plan.schedule["power"] as number;
const gain = (plan: RunPlan) => 0.5 + lr(plan) + (power(plan) > 1 ? 0 : 0.1) + noise(plan);

const figures = figuresOf<Chart>;
const terminal = (report: Report) =>
  renderTerminal(report, { columns: 80, color: false, page: null, verbose: true });

Deno.test("two axes: a map with the region outlined, and parallel coordinates", () => {
  const { told } = sweepOutcome(sweepPlan([LR, POWER]), gain);
  const report = composeSweep(told);
  const [map, cellRows, parallel] = figures(report);
  const { cells, x, y } = map!.chart as HeatmapChart;
  assert.deepEqual([y.labels, x.labels], [["0.01", "0.03", "0.1"], ["1", "2"]]);
  assert.deepEqual(cells.map((row) => row.map(({ outlined }) => outlined)), [[false, false], [false, false], [
    true,
    false,
  ]]);
  assert.equal(cells[2]![0]!.text[1], "best");
  const shapes = toPlotly(map!.chart).layout["shapes"] as {
    x0: number;
    y0: number;
    line: { color: string };
  }[];
  assert.equal(shapes.length, 8, "four sides of one cell, each on a line of paper");
  const { rows } = cellRows!.chart as IntervalChart;
  assert.equal(rows.length, 5, "every cell but the best one, against it");
  for (const { value, dots } of rows) {
    const mean = dots!.reduce((sum, dot) => sum + dot.value, 0) / dots!.length;
    assert.ok(Math.abs(mean - value) < 1e-9 && value < 0, "the mark is the mean of its dots");
  }
  const { axes, lines } = parallel!.chart as ParallelChart;
  assert.deepEqual(axes.map(({ title }) => title), ["lr", "power", "validation accuracy (%)"]);
  assert.equal(lines.length, 6);
  assert.deepEqual(lines.filter(({ strong }) => strong).map(({ at }) => at), [[1, 0, 1]]);
  assert.equal(toPlotly(parallel!.chart).data.length, 6);
  assert.match(
    report.title,
    /“lr 0\.1, power 1” is best: 69\.\d %, detectably above all others of the cells/,
  );
  assert.match(terminal(report), /largest arms\[0\]\.schedule\.lr that was tried/);
  assert.equal(chartTable(parallel!.chart, "t").rows.length, 6);
  assert.equal(chartCsv(parallel!.chart).split("\r\n").length, 8);
});

Deno.test("one axis of numbers is a curve with bars, of words are rows", () => {
  const { told } = sweepOutcome(sweepPlan([LR], { all: true }), (plan) => 0.5 + lr(plan) + noise(plan));
  const [curve] = figures(composeSweep(told));
  const { lines, x } = curve!.chart as LineChart;
  assert.deepEqual([lines[0]!.x, lines[0]!.bars, lines[0]!.chosen, x.ticks], [[0.01, 0.03, 0.1], true, 2, [
    0.01,
    0.03,
    0.1,
  ]]);
  assert.deepEqual(lines[1]!.x, [0.01, 0.03], "crosses on what is outside of the region");
  const trace = toPlotly(curve!.chart).data[0]!["error_y"] as { array: number[] };
  assert.ok(Math.abs(trace.array[0]! - 100 * told.cells[0]!.sd!) < 1e-9);

  const words = sweepOutcome(sweepPlan(["model=cnn-small,cnn"]), noise);
  assert.equal(figures(composeSweep(words.told))[0]!.chart.kind, "intervals");
});

Deno.test("no difference: the headline says so, and why the sweep stopped", () => {
  const { told } = sweepOutcome(sweepPlan([LR, POWER]), (plan) => 0.6 + 8 * noise(plan));
  const report = composeSweep(told);
  assert.equal(report.title, "No detectable difference between the 6 cells in 2 seeds");
  assert.match(terminal(report), /After 2 of 3 seeds no cell/);
});

Deno.test("halving: the rungs are drawn, with lines that end where cells were dropped", () => {
  const plan = sweepPlan(["arms[0].schedule.lr=log:0.001..0.1"], { method: "halving", samples: 18, draw: 5 });
  const { told } = sweepOutcome(plan, (run) => 0.3 + 2 * lr(run) + noise(run));
  const report = composeSweep(told);
  const [rungs] = figures(report);
  const { axes, lines } = rungs!.chart as ParallelChart;
  assert.deepEqual(axes.map(({ title }) => title), [
    "rung 1: 18 cells",
    "rung 2: 6 cells",
    "rung 3: 2 cells",
  ]);
  assert.deepEqual(lines.map(({ at }) => at.length).toSorted(), [
    ...Array(12).fill(1),
    ...Array(4).fill(2),
    3,
    3,
  ]);
  assert.match(terminal(report), /Rungs of equal budget/);
  const setup = report.sections.find(({ id }) => id === "setup")!.blocks[0]!;
  assert.ok(setup.kind === "text");
  assert.match(setup.text, /3 rungs of equal budget, after each of which the best 1\/3 continue/);
});

Deno.test("hostile text stays text", async () => {
  const { told } = sweepOutcome(sweepPlan([LR, POWER]), gain);
  const hostile = `</script><img src=x onerror=alert(1)>`;
  const page = await renderPage(
    composeSweep({ ...told, name: hostile, axes: told.axes.map((axis) => ({ ...axis, label: hostile })) }),
    { css: "", client: "draw();", plotly: "var Plotly;" },
  );
  assert.ok(!page.includes("<img"));
  assert.equal(page.split("</script").length - 1, 3, "only the page's own scripts end");
});

Deno.test("a sweep without a finished run is told as such", () => {
  const { told } = sweepOutcome(sweepPlan([LR]), () => "diverged");
  const report = composeSweep(told);
  assert.equal(report.title, "No cell has finished all its runs");
  assert.match(terminal(report), /diverged in 3 of 3 cells/);
});
