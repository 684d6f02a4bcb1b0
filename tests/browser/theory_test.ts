/// <reference lib="dom" />
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { assets } from "#report/page/assets.ts";
import { renderPage } from "#report/render/html.ts";
import { composeTheoryReport } from "#report/compose/theory.ts";
import { judgeAll } from "#theory/claim.ts";
import { runStudy } from "#theory/study.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { eventually, openWatched, unfold } from "./chromium.ts";

const FIGURES = 13;

Deno.test(
  "exercise 0's report in Chromium: every figure is drawn and labelled, on a desk and on a phone",
  await requires("chromium"),
  async () => {
    const study = runStudy(exercise.settings, 1);
    const report = composeTheoryReport({
      version: 2,
      kind: "theory",
      name: "Theory",
      introduction: exercise.introduction,
      provenance: {
        at: "2026-01-02T03:04:05Z",
        command: "deno task exercise 0",
        commit: null,
        versions: {},
        wall_s: 1,
      },
      answers: judgeAll(exercise.claims, study),
      study,
    });
    const folder = await Deno.makeTempDir();
    const path = `${folder}/report.html`;
    await Deno.writeTextFile(path, await renderPage(report, assets));
    try {
      const [desk, phone] = [{ width: 1100, height: 900 }, { width: 360, height: 800 }];
      for (const viewport of LONG ? [desk, phone] : [phone]) {
        const { page, complaints } = await openWatched(pathToFileURL(path).href, { viewport });
        await unfold(page);
        await checkFigures(page, viewport);
        if (!LONG) {
          await page.setViewportSize(desk);
          await eventually(() => checkFigures(page, desk));
        }
        assert.deepEqual(complaints, []);
        await page.close();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function checkFigures(page: Page, viewport: { readonly width: number }): Promise<void> {
  const drawn = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
      const { Plotly } = globalThis as unknown as {
        Plotly: { validate(data: unknown, layout: unknown): unknown };
      };
      const { data, layout } = plot as unknown as { data: unknown; layout: unknown };
      const ticks = [...plot.querySelectorAll(".xtick text")].map((text) => text.getBoundingClientRect());
      return {
        id: plot.id,
        marks: plot.querySelectorAll(".scatterlayer path").length,
        titles: plot.querySelectorAll(".xtitle, .ytitle").length,
        faults: Plotly.validate(data, layout) ?? null,
        // Ticks of one axis follow each other; the next axis begins further left.
        overlapping: ticks.some((one, index) =>
          index > 0 && one.left < ticks[index - 1]!.right && one.left > ticks[index - 1]!.left
        ),
      };
    })
  );
  assert.equal(drawn.length, FIGURES);
  for (const { id, marks, titles, faults, overlapping } of drawn) {
    assert.ok(marks > 1, `${id} is empty`);
    assert.ok(titles >= 1, `${id} has untitled axes`);
    assert.equal(faults, null, `${id}: ${JSON.stringify(faults)}`);
    assert.equal(overlapping, false, `labels of ${id} overlap at ${viewport.width} pixels`);
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= viewport.width, `the page is ${width} pixels wide`);
}
