import assert from "node:assert/strict";
import { lineSvg } from "#report/charts/lines/svg.ts";
import type { Line, LineChart } from "#report/charts/lines/chart.ts";

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
  x: { title: "steps", scale: "log", decimals: 0, ticks: [1, 10, 100, 1000, 10_000] },
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

Deno.test("bands are drawn as far as they are finite, and the y axis has room for them, at round ticks", () => {
  const band = { low: [1, -Infinity], high: [4, 7] };
  const plain = { ...chart, lines: [{ ...line(0, "cosine", "curve"), band }] };
  const { text } = lineSvg(plain, "what is to be seen");
  const [, edge] = /d="M([^"]*)Z" fill="#[0-9a-f]{6}" fill-opacity/.exec(text)!;
  assert.equal(edge!.split("L").length, 2);
  assert.deepEqual([...text.matchAll(/text-anchor="end"[^>]*>([\d.]+)</g)].map(([, label]) => label), [
    "2",
    "4",
    "6",
  ]);
});

Deno.test("epochs stand above their steps", () => {
  const steps = { ...chart, x: { title: "steps", scale: "linear" as const, decimals: 0 } };
  const { text } = lineSvg({ ...steps, above: { title: "epoch", every: 100 } }, "what is to be seen");
  const lefts = (label: string) =>
    [...text.matchAll(/<text x="([\d.]+)"[^>]*>(\d+)</g)]
      .filter(([, , found]) => found === label).map(([, left]) => Number(left));
  assert.equal(lefts("4")[0], lefts("400")[0]);
  assert.equal(lefts("8")[0], lefts("800")[0]);
});
