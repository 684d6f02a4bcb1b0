import assert from "node:assert/strict";
import type { LineChart } from "#report/charts/lines/chart.ts";
import { type Chart, kindOf } from "#report/charts/registry.ts";
import { composeRangeTest } from "#report/compose/lr_range.ts";
import type { RangeTestResult } from "#results/lr_range.ts";
import { accuracyFigure } from "#report/sections/lr_range_test/accuracy.ts";
import { figuresOf } from "#report/model.ts";
import { rangeTestChart } from "#report/sections/lr_range_test/curve.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { rangeTestFixture } from "../../support/lr_range_fixture.ts";

const toPlotly = (chart: Chart) => kindOf(chart).plotly(chart);

const figure = (result = rangeTestFixture()) => {
  const found = figuresOf(composeRangeTest(result)).find(({ id }) => id === "loss-over-rate");
  assert.ok(found);
  return found.chart as LineChart;
};

Deno.test("the page leads with the rate, its interval, and whether short runs bear it out", () => {
  const result = rangeTestFixture();
  const { title, overview, sections, notices } = composeRangeTest(result);
  assert.ok(result.chosen);
  assert.match(title, /^Recommended learning rate: [\d.]+/);
  assert.deepEqual(notices, []);
  assert.deepEqual(overview.map((block) => block.kind === "figure" ? block.id : block.kind), [
    "loss-over-rate",
    "validation-accuracy",
    "strip",
  ]);
  assert.deepEqual(sections.map(({ id }) => id), ["answers", "suggestions", "validation", "setup"]);
  const accuracy = overview[1];
  assert.ok(accuracy?.kind === "figure" && accuracy.terminal?.kind === "intervals");
  const { candidates } = result.validation!;
  assert.deepEqual(
    accuracy.terminal.rows.map(({ value }) => value),
    candidates.flatMap(({ accuracy }) => accuracy === null ? [] : 100 * accuracy),
    "a terminal has a row for each rate",
  );
});

Deno.test("the curve: a log axis, a band over seeds, a mark for each suggestion from left to right", () => {
  const result = rangeTestFixture();
  const chart = figure(result);
  assert.equal(chart.x.scale, "log");
  const suggested = result.suggestions.flatMap(({ lr }) => lr ?? []).sort((a, b) => a - b);
  assert.deepEqual(chart.marks!.map(({ value }) => value), suggested);
  const [raw, smoothed] = chart.lines;
  assert.equal(raw!.band, null);
  smoothed!.x.forEach((_, i) => {
    assert.ok(smoothed!.band!.low[i]! <= smoothed!.y[i]! + 1e-12);
    assert.ok(smoothed!.y[i]! <= smoothed!.band!.high[i]! + 1e-12);
  });
  // The explosion is left out, the fall is not.
  const lowest = Math.min(...result.runs.flatMap(({ smoothed }) => smoothed.map((value) => value!)));
  assert.ok(Math.max(...smoothed!.y) <= Math.max(4 * lowest, 2.5) * 1.5);

  const { layout } = toPlotly(chart) as unknown as {
    layout: { shapes: { x0: number; x1: number }[]; annotations: { x: number; text: string; y: number }[] };
  };
  layout.shapes.forEach(({ x0, x1 }, i) => assert.deepEqual([x0, x1], [suggested[i], suggested[i]]));
  layout.annotations.forEach(({ x }, i) => assert.ok(Math.abs(x - Math.log10(suggested[i]!)) < 1e-12));
  assert.equal(
    new Set(layout.annotations.map(({ y }) => y)).size,
    suggested.length,
    "labels on rows of their own",
  );
});

Deno.test("the headline says how good the rate is and where runs fail; old results say no more than they know", () => {
  const result = rangeTestFixture();
  const validation = result.validation!;
  const title = (changed: Partial<RangeTestResult>) => composeRangeTest({ ...result, ...changed }).title;
  const rate = String(result.recommended);
  assert.equal(
    title({}),
    `Recommended learning rate: ${rate}, the best of 3 rates in short runs (${
      (100 * validation.candidates.find(({ lr }) => lr === result.recommended)!.accuracy!).toFixed(1)
    } %); no run failed up to ${validation.candidates[2]!.lr}`,
  );
  const failing = { ...validation, fails_from: validation.candidates[2]!.lr };
  assert.match(title({ validation: failing }), /; runs begin to fail at 0\.\d+$/);
  assert.match(title({ recommended: null }), /^Short runs failed at all 3 rates around 0\.\d+ \(valley\)$/);
  assert.match(title({ validation: null }), /^Suggested learning rate: .*, without short runs$/);
  const { best: _, ...earlier } = validation;
  assert.equal(title({ validation: earlier }), `Recommended learning rate: ${rate}`);
});

Deno.test("the chart of short runs marks the recommended rate, where runs fail, and each failed run", () => {
  const result = rangeTestFixture();
  const validation = result.validation!;
  const last = validation.candidates[2]!;
  const failed = {
    ...last,
    runs: last.runs.map((run, i) => i === 0 ? { ...run, failed: true, diverged: true, accuracy: null } : run),
  };
  const [chart] = accuracyFigure({
    ...result,
    validation: {
      ...validation,
      candidates: [...validation.candidates.slice(0, 2), failed],
      fails_from: last.lr,
    },
  }).map((found) => found.chart as LineChart);
  assert.deepEqual(chart!.marks!.map(({ value }) => value), [result.recommended, last.lr]);
  assert.deepEqual([chart!.lines[1]!.x, chart!.lines[1]!.y], [[last.lr], [0]]);
  assert.deepEqual(chart!.lines[0]!.x, validation.candidates.map(({ lr }) => lr));
  assert.deepEqual(accuracyFigure({ ...result, validation: null }), []);
});

Deno.test("what is missing is said: a ramp that ended too soon, one that was stopped, a single seed", () => {
  const soon = composeRangeTest(rangeTestFixture({ explodes: false }));
  assert.match(soon.notices.map(({ text }) => text).join(), /With 3 seeds the loss had not diverged/);
  const stopped = rangeTestFixture({ stopped: true });
  assert.equal(stopped.complete, false);
  const page = composeRangeTest(stopped);
  assert.equal(page.title, "The range test suggests no learning rate: the ramp was stopped before its end");
  assert.equal(page.notices[0]!.kind, "partial");
  const alone = renderTerminal(composeRangeTest(rangeTestFixture({ seeds: [4] })), {
    columns: 100,
    color: false,
    page: null,
    verbose: true,
  });
  assert.match(alone, /Valley +[\d.]+ +– +1 of 1/);
});

Deno.test("in a terminal: the curve over a log axis and the suggestions, as wide as asked", () => {
  const drawn = (result: RangeTestResult) =>
    kindOf(rangeTestChart(result)).text(rangeTestChart(result), { columns: 72, color: false });
  const text = drawn(rangeTestFixture());
  const lines = text.split("\n");
  assert.ok(lines.slice(0, -1).every((line) => line.length <= 72));
  const ticks = lines.find((line) => /1e-6 .* 0\.0\d+ .* \d/.test(line));
  assert.ok(ticks, text);
  assert.match(lines.at(-1)!, /valley [\d.]+; .*steepest descent/);
  assert.match(text, /lowest seed/);
  assert.doesNotMatch(drawn(rangeTestFixture({ seeds: [1] })), /lowest seed/);
});
