import assert from "node:assert/strict";
import { beyond, intervalRange } from "#report/charts/interval_range.ts";
import type { IntervalRow } from "#report/charts/interval_range.ts";
import { type Chart, kindOf } from "#report/charts/registry.ts";

const toPlotly = (chart: Chart) => kindOf(chart).plotly(chart);

const row = (value: number, interval: [number, number] | null): IntervalRow => ({
  label: String(value),
  series: 0,
  value,
  interval,
});

Deno.test("a chart of intervals goes over all of them and the reference, with room at the ends", () => {
  const [low, high] = intervalRange([row(2, [1, 3]), row(4, [3, 5])], 0);
  assert.ok(low < 0 && low > -1 && high > 5 && high < 6, `${low} to ${high}`);
});

Deno.test("an interval much wider than is usual ends at the edge, with an arrow; the others stay legible", () => {
  const rows = [row(2, [1, 3]), row(-10, [-60, 40]), row(4, [3, 5])];
  const range = intervalRange(rows, 0);
  assert.ok(range[0] < -10 && range[0] > -12 && range[1] < 7, `every mark is on the chart: ${range}`);
  assert.deepEqual(rows.map((each) => beyond(each, range)), [
    { low: false, high: false },
    { low: true, high: true },
    { low: false, high: false },
  ]);
  const x = { title: "points", scale: "linear" as const, decimals: 1 };
  const { layout } = toPlotly({ kind: "intervals", x, reference: 0, rows });
  const arrows = layout.annotations as { text: string; y: number }[];
  assert.deepEqual(arrows.map(({ text, y }) => [text, y]), [["◀", 1], ["▶", 1]]);
});

Deno.test("rows without an interval have hollow marks, and a range even where all are equal", () => {
  const rows = [row(3, null), row(3, null)];
  const [low, high] = intervalRange(rows, null);
  assert.ok(low < 3 && high > 3);
  const x = { title: "points", scale: "linear" as const, decimals: 1 };
  const { data } = toPlotly({ kind: "intervals", x, reference: null, rows });
  for (const { marker } of data) assert.match((marker as { symbol: string }).symbol, /-open$/);
});
