import assert from "node:assert/strict";
import { barRows, isAtTop, lettersOf, rankRange, type RanksChart } from "#report/charts/ranks/chart.ts";
import { RANKS } from "#report/charts/ranks/ranks.ts";
import type { Attributes } from "#report/charts/plotly_layout.ts";

const chart: RanksChart = {
  kind: "ranks",
  marks: [
    { label: "cosine", rank: 1.4, interval: [1.1, 1.9] },
    { label: "linear <1>", rank: 1.8, interval: [1.5, 2.4] },
    { label: "step", rank: 3.1, interval: null },
    { label: "a constant rate", rank: 3.7, interval: [3.2, 4] },
  ],
  groups: [[0, 1], [1, 2], [2, 3]],
  criticalDifference: 1.5,
};

Deno.test("letters name the groups, and the top is what shares one with the best", () => {
  assert.deepEqual(chart.marks.map((_, place) => lettersOf(chart.groups, place)), ["a", "ab", "bc", "c"]);
  assert.deepEqual(chart.marks.map((_, place) => isAtTop(chart, place)), [true, true, false, false]);
  const alone = { ...chart, groups: [[1, 2, 3]] };
  assert.deepEqual(alone.marks.map((_, place) => isAtTop(alone, place)), [true, false, false, false]);
  assert.ok(isAtTop({ ...chart, groups: [], criticalDifference: null }, 3));
  assert.deepEqual(rankRange(chart.marks), [1, 4]);
});

Deno.test("bars that overlap have rows of their own, others share one", () => {
  assert.deepEqual(barRows(chart).map(({ row }) => row), [0, 1, 0]);
  assert.deepEqual(barRows(chart)[1], { row: 1, from: 1.8, to: 3.1 });
});

Deno.test("ranks for Plotly: a mark each with its interval, text escaped, colours by role", () => {
  const { data, layout, layouts } = RANKS.plotly(chart);
  assert.equal(data.length, 4);
  assert.equal(data[1]!.name, "linear &lt;1&gt;");
  assert.deepEqual(data.map(({ yaxis }) => yaxis), ["y", "y", "y2", "y2"]);
  assert.deepEqual(data.map(({ marker }) => (marker as Attributes).color), [
    "@accent",
    "@accent",
    "@ink",
    "@ink",
  ]);
  // One seed has no interval: hollow, and no bar.
  assert.equal((data[2]!.marker as Attributes).symbol, "circle-open");
  assert.equal(data[2]!.error_x, undefined);
  assert.deepEqual((layout.xaxis as Attributes).range, [1, 4]);
  const sides = (of: Attributes) =>
    (of.annotations as Attributes[]).slice(0, 4).map(({ xanchor }) => xanchor);
  assert.deepEqual(sides(layout), ["right", "right", "left", "left"]);
  // On a phone all names stand on the left.
  assert.deepEqual(sides(layouts![0]!.layout), ["right", "right", "right", "right"]);
});

Deno.test("no line to a name crosses a line to the axis", () => {
  const { layout, layouts } = RANKS.plotly(chart);
  for (const { shapes } of [layout, layouts![0]!.layout] as { shapes: Attributes[] }[]) {
    const lines = shapes.filter(({ layer }) => layer === "below") as Record<string, number>[];
    const upright = lines.filter(({ x0, x1 }) => x0 === x1);
    const level = lines.filter(({ y0, y1 }) => y0 === y1);
    assert.deepEqual([upright.length, level.length], [4, 4]);
    for (const across of level) {
      const [from, to] = [across.x0!, across.x1!].sort((a, b) => a - b) as [number, number];
      const crossed = upright.filter(({ x0, y1 }) => x0! > from && x0! < to && y1! > across.y0!);
      assert.deepEqual(crossed, []);
    }
  }
});

Deno.test("ranks in a terminal: a row each within the width, letters of the groups, hollow without interval", () => {
  const text = RANKS.text(chart, { columns: 60, color: false });
  const lines = text.split("\n");
  assert.ok(lines.every((line) => line.length <= 72));
  assert.match(lines[0]!, /^cosine +1\.4 .*├─*●─+┤ +a$/);
  assert.match(lines[2]!, /^step +3\.1 .*○ +bc$/);
  assert.match(lines[4]!, /^ +1 +4$/);
  assert.match(lines[5]!, /critical difference 1\.5/);
});

Deno.test("ranks as a table and as comma-separated values", () => {
  const table = RANKS.table(chart, "Ranks");
  assert.deepEqual(table.rows[1]!.cells, ["linear <1>", "1.80", "[1.50, 2.40]", "ab"]);
  assert.match(table.note, /less than 1\.50 apart/);
  assert.equal(RANKS.csv(chart).split("\n")[3]!.trim(), "step,3.1,,,bc");
});
