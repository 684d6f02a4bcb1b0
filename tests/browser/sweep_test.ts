/// <reference lib="dom" />
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { RunPlan } from "#results/run.ts";
import { random } from "#lib/prng.ts";
import { assets } from "#report/page/assets.ts";
import { renderPage } from "#report/render/html.ts";
import { composeSweep } from "#report/compose/sweep.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { sweepOutcome, sweepPlan } from "../support/sweep_fixture.ts";
import { type Look, openWatched, unfold } from "./chromium.ts";

const LR = "arms[0].schedule.lr=0.01,0.03,0.1";
const lr = (plan: RunPlan) => plan.schedule["lr"] as number;
const accuracy = (plan: RunPlan) => 0.5 + lr(plan) + 0.003 * random(plan.seed, plan.id).normal();

const LIGHT: Look = { colorScheme: "light" };
const DARK: Look = { colorScheme: "dark" };
const PHONE: Look = { viewport: { width: 320, height: 800 } };
const LOOKS = [LIGHT, DARK, PHONE];

/** Pages by name, each with the look that is always tested: a map and parallel coordinates, a curve with bars, rungs. */
const SWEEPS = {
  grid: [sweepPlan([LR, "arms[0].schedule.power=1,2"]), ["map", "cells-against-best", "parallel"], PHONE],
  curve: [sweepPlan([LR]), ["map", "cells-against-best"], LIGHT],
  halving: [
    sweepPlan(["arms[0].schedule.lr=log:0.001..0.1", "optimizer.weight_decay=linear:0..0.1"], {
      method: "halving",
      samples: 18,
    }),
    ["rungs", "cells-against-best", "parallel"],
    DARK,
  ],
} as const;

Deno.test("a sweep's figures in Chromium", await requires("chromium"), async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, [plan, ids, own]] of Object.entries(SWEEPS)) {
      const { told } = sweepOutcome(plan, accuracy);
      const path = `${folder}/${name}.html`;
      await Deno.writeTextFile(path, await renderPage(composeSweep(told), assets));
      for (const look of LONG ? LOOKS : [own]) {
        await t.step(`${name}, ${JSON.stringify(look)}: drawn whole, without fault or request`, async () => {
          const { page, complaints, requests } = await openWatched(pathToFileURL(path).href, look);
          await unfold(page);
          const drawn = await page.evaluate(() =>
            [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
              const { Plotly } = globalThis as unknown as {
                Plotly: { validate(data: unknown, layout: unknown): unknown };
              };
              const { data, layout } = plot as unknown as { data: unknown; layout: unknown };
              return {
                id: plot.id,
                marks: plot.querySelectorAll(".scatterlayer path, .heatmaplayer image").length,
                texts: [...plot.querySelectorAll(".annotation-text, .xtitle, .ytitle, .ytick")].map((text) =>
                  text.textContent
                ),
                faults: Plotly.validate(data, layout) ?? null,
                unpainted: plot.innerHTML.includes("@"),
              };
            })
          );
          assert.deepEqual(drawn.map(({ id }) => id), ids.map((id) => `${id}-plot`));
          for (const { id, marks, texts, faults, unpainted } of drawn) {
            assert.ok(marks > 0, id);
            assert.ok(
              texts.some((text) => text?.startsWith("lr") || text?.startsWith("rung 1")),
              `${id}: ${texts}`,
            );
            assert.equal(faults, null, id);
            assert.equal(unpainted, false, id);
          }
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
          assert.deepEqual(complaints, []);
          assert.equal(requests.length, 1);
          await page.close();
        });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
