import assert from "node:assert/strict";
import type { Axis } from "#report/charts/axis.ts";
import type { Line } from "#report/charts/lines/chart.ts";
import { multiplesLayouts } from "#report/charts/multiples/layout.ts";

const log: Axis = { title: "rate", scale: "log", decimals: "significant" };
const steps: Axis = { title: "step", scale: "linear", decimals: 0 };
const line = (y: readonly number[]): Line => ({
  series: 0,
  label: "arm",
  x: y.map((_, index) => index),
  y,
  band: null,
  style: "curve",
  chosen: null,
});

/** Labels of both axes of the first panel, where the curves have these values. */
function labels(upper: readonly number[], lower: readonly number[]): unknown[] {
  const { layout } = multiplesLayouts({
    kind: "multiples",
    x: steps,
    upper: log,
    lower: log,
    panels: [{ label: "arm", remark: "", upper: line(upper), lower: line(lower) }],
    levels: [],
  });
  return ["yaxis", "yaxis2"].map((name) => (layout[name] as { ticktext: unknown }).ticktext);
}

Deno.test("small multiples: a log axis has few labels, in one form that leaves room for the title", () => {
  const cases: [upper: number[], lower: number[], texts: string[][]][] = [
    // Less than a decade.
    [[0.02, 0.09], [2.46, 8], [["0.02", "0.05"], ["3", "5", "7"]]],
    // Between one and two.
    [[0.003, 0.1], [2.46, 80], [["0.01", "0.1"], ["5", "10", "20", "50"]]],
    // Several.
    [[2e-7, 0.1], [2e-4, 30], [["1e-6", "1e-4", "1e-2"], ["0.001", "0.01", "0.1", "1", "10"]]],
  ];
  for (const [upper, lower, texts] of cases) assert.deepEqual(labels(upper, lower), texts);
});
