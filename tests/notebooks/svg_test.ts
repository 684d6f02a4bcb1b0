import assert from "node:assert/strict";
import { lineSvg } from "#app/notebook_svg.ts";
import type { Line, LineChart } from "#report/model.ts";

const line = (series: number, label: string, style: Line["style"]): Line => ({
  series,
  label,
  x: [1, 1000],
  y: [2, 3],
  band: null,
  style,
  chosen: null,
});

const chart: LineChart = {
  kind: "lines",
  x: { title: "updates", scale: "log", decimals: 0, ticks: [1, 10, 100, 1000, 10_000] },
  y: { title: "error", scale: "linear", decimals: 1 },
  above: null,
  lines: [line(0, "cosine", "curve"), line(0, "measured", "crosses"), line(1, "diverged", "crosses")],
  levels: [],
};

Deno.test("a still picture has the axis' own ticks as far as its data go, evenly on a log axis", () => {
  const { text } = lineSvg(chart, "what is to be seen");
  const ticks = [...text.matchAll(/<text x="([\d.]+)" y="312"[^>]*>(\d+)</g)].map((
    [, x, label],
  ) => [Number(x), label]);
  assert.deepEqual(ticks.map(([, label]) => label), ["1", "10", "100", "1000"]);
  const [first, second, third] = ticks.map(([x]) => x as number);
  assert.ok(Math.abs(third! - 2 * second! + first!) < 1e-9);
});

Deno.test("its legend names a series once: the curve where there is one, else the crosses", () => {
  const { text } = lineSvg(chart, "what is to be seen");
  const names = ["cosine", "measured", "diverged"].filter((name) => text.includes(`>${name}<`));
  assert.deepEqual(names, ["cosine", "diverged"]);
});
