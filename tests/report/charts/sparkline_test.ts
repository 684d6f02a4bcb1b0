import assert from "node:assert/strict";
import type { Line } from "#report/charts/lines/chart.ts";
import { sparkline } from "#report/charts/multiples/sparkline.ts";

const line = (x: number[], y: number[]): Line => ({
  series: 0,
  label: "rate",
  x,
  y,
  band: null,
  style: "curve",
  chosen: null,
});
const axis = { title: "", scale: "linear", decimals: 1 } as const;

Deno.test("a straight line that is drawn by its ends alone falls from bar to bar", () => {
  const falling = line([0, 100], [1, 0]);
  assert.equal(sparkline(falling, [falling], axis, 8), "█▇▆▅▄▃▂▁");
});

Deno.test("a drop stays sharp, and columns before and behind a curve are empty", () => {
  const drop = line([0, 49, 50, 100], [1, 1, 0, 0]);
  assert.equal(sparkline(drop, [drop], axis, 8), "████▁▁▁▁");
  const whole = line([0, 70], [1, 1]);
  assert.equal(sparkline(line([20, 40], [1, 1]), [whole], axis, 8), "  ███   ");
});
