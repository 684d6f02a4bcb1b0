import assert from "node:assert/strict";
import { cellsByValue } from "#results/swept_cells.ts";
import { sensitivityBlocks } from "#report/sections/sweep/sensitivity.ts";
import { summaryFile } from "#results/summary.ts";
import { sweepSummary } from "../support/sensitivity_fixture.ts";

const schema = summaryFile.schema.shape.sweep;

const OLD = {
  arm: "step",
  metric: "validation_accuracy",
  axes: [
    { path: "arms[1].schedule.gamma", label: "gamma", values: [0.1, 0.5] },
    { path: "arms[1].schedule.milestones", label: "milestones", values: [["50%"], ["25%"]] },
  ],
  cells: [
    { at: [0, 0], mean: 0.7, spread: 0.01, runs: 3 },
    { at: [0, 1], mean: 0.6, spread: null, runs: 1 },
    { at: [1, 0], mean: null, spread: null, runs: 0 },
    { at: [1, 1], mean: 0.65, spread: 0.02, runs: 3 },
  ],
};

Deno.test("the sweep of an older summary is read by value, with its figures and no best region", () => {
  const read = schema.parse(cellsByValue(OLD))!;
  assert.deepEqual(
    read.cells.map(({ cell, values, mean, sd, runs }) => [cell, values, mean, sd, runs.length]),
    [
      [1, [0.1, ["50%"]], 0.7, 0.01, 3],
      [2, [0.1, ["25%"]], 0.6, null, 1],
      [3, [0.5, ["50%"]], null, null, 0],
      [4, [0.5, ["25%"]], 0.65, 0.02, 3],
    ],
  );
  assert.equal(read.region, null);
  const blocks = sensitivityBlocks(read);
  const [map, parallel] = blocks.filter((block) => block.kind === "figure");
  assert.deepEqual(blocks.map(({ kind }) => kind), ["figure", "figure"]);
  assert.ok(map?.chart.kind === "heatmap" && parallel?.chart.kind === "parallel");
  assert.deepEqual(map.chart.cells.map((row) => row.map(({ text }) => text.join(", "))), [
    ["70.0 ± 1.0, 3 runs", "60.0, 1 run"],
    ["no run finished", "65.0 ± 2.0, 3 runs"],
  ]);
  assert.doesNotMatch(map.caption, /line encloses/);
  assert.ok(parallel.chart.lines.every(({ strong }) => !strong));
});

Deno.test("the sweep of a summary of today is read as it is; one without its cells' values is refused", () => {
  const sweep = sweepSummary("step");
  assert.deepEqual(schema.parse(cellsByValue(sweep)), sweep);
  const [first] = sweep.cells;
  const broken = { ...sweep, cells: [{ ...first, values: undefined }] };
  assert.match(schema.safeParse(cellsByValue(broken)).error!.message, /values/);
});
