import assert from "node:assert/strict";
import { renderPage } from "#report/render/html.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { LONGEST_MOVED, playgroundPart, reasonForStatic } from "#report/sections/playground/part.ts";
import type { Report } from "#report/model.ts";

const shape = { totalSteps: 100, stepsPerEpoch: 10 };
const run = { shape, origin: 0, first: 0, steps: 100, facts: {} };
const arm = { name: "</script><b>", schedule: { name: "cosine", lr: 1 / 3, T_max: "100%" }, run };
const numbers = { kind: "facts" as const, facts: [{ label: "first", value: "0.333" }] };

const report: Report = {
  eyebrow: "",
  title: "one",
  summary: "",
  notices: [],
  series: [arm.name],
  overview: [playgroundPart([arm], [numbers])],
  sections: [],
};
const ASSETS = { css: "", client: "start();", plotly: "var Plotly;" };
const PROGRAMS = { css: ".playground {}", scripts: { explorer: "explorer();", playground: "playground();" } };

Deno.test("an interactive part brings its own program, its data with all digits, and no chart library", async () => {
  const page = await renderPage(report, { ...ASSETS, programs: PROGRAMS });
  assert.match(page, /<script>start\(\);<\/script>\s*<script>playground\(\);<\/script>/);
  assert.doesNotMatch(page, /explorer\(\)|var Plotly/);
  assert.match(page, /\.playground \{\}/);
  const json = page.split(`id="playground-data">`)[1]!.split("</script>")[0]!;
  assert.ok(!json.includes("<"));
  assert.deepEqual(JSON.parse(json).arms, [arm]);
  assert.match(page, /<div class="still"><dl class="facts">.+0\.333/s);
});

Deno.test("a page without the program that a part needs is refused", async () => {
  await assert.rejects(renderPage(report, ASSETS), /Cannot render a page without its program playground/);
  const twice = { ...report, overview: [...report.overview, ...report.overview] };
  await assert.rejects(
    renderPage(twice, { ...ASSETS, programs: PROGRAMS }),
    /Cannot use the id "playground"/,
  );
});

Deno.test("a terminal shows what stands in the place of the part", () => {
  assert.match(renderTerminal(report, { columns: 80, color: false, page: null }), /first: 0\.333/);
});

Deno.test("schedules with modules of their own, and runs too long for a slider, have none", () => {
  assert.equal(reasonForStatic([arm]), null);
  const custom = { name: "warmup", duration: "1 step", then: { name: "custom", module: "./mine.ts" } };
  assert.match(
    reasonForStatic([arm, { ...arm, name: "own", schedule: custom }])!,
    /^own has a module of its own/,
  );
  const long = { ...run, steps: LONGEST_MOVED + 1 };
  assert.match(
    reasonForStatic([{ ...arm, run: long }])!,
    /has more than 1,000,000 steps, too many to follow/,
  );
});
