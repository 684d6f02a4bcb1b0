/// <reference lib="dom" />
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { assets } from "#report/page/assets.ts";
import { composeBenchmark } from "#report/compose/benchmark.ts";
import { renderPage } from "#report/render/html.ts";
import { inventedBenchmark, inventedScores } from "../support/benchmark_scores.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { type Look, openWatched, unfold } from "./chromium.ts";

const PHONE: Look = { viewport: { width: 390, height: 800 } };
const LOOKS: Look[] = [PHONE, { colorScheme: "dark" }];

/** Sixteen families, some of them nearly alike, with names of usual lengths. */
const FAMILIES = Array.from(
  { length: 16 },
  (_, index) => [index % 4 === 1 ? `cosine ${index}, no warmup` : `family ${index}`, -0.5 * index] as const,
);

interface Place {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const overlaps = (a: Place, b: Place) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;

Deno.test("a benchmark's figures in Chromium", await requires("chromium"), async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/benchmark.html`;
    const report = composeBenchmark(inventedBenchmark(inventedScores([1, 2, 4, 8], 4, FAMILIES)));
    await Deno.writeTextFile(path, await renderPage(report, assets));
    for (const look of LONG ? LOOKS : [PHONE]) {
      await t.step(`${JSON.stringify(look)}: drawn without fault, and no name lies on another`, async () => {
        const { page, complaints, requests } = await openWatched(pathToFileURL(path).href, look);
        await unfold(page);
        const drawn = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
            const { Plotly } = globalThis as unknown as {
              Plotly: { validate(data: unknown, layout: unknown): unknown };
            };
            const { data, layout } = plot as unknown as { data: unknown; layout: unknown };
            const outside = plot.getBoundingClientRect();
            return {
              id: plot.id,
              faults: Plotly.validate(data, layout) ?? null,
              unpainted: plot.innerHTML.includes("@"),
              texts: [...plot.querySelectorAll(".annotation-text, .xtitle, .xtick, .ytick")].map((text) => {
                const { left, right, top, bottom } = text.getBoundingClientRect();
                return { text: text.textContent ?? "", left, right, top, bottom };
              }),
              outside: { left: outside.left, right: outside.right },
            };
          })
        );
        assert.deepEqual(drawn.map(({ id }) => id), ["ranks-plot", "regret-plot"]);
        for (const { id, faults, unpainted, texts, outside } of drawn) {
          assert.equal(faults, null, id);
          assert.equal(unpainted, false, id);
          const cut = texts.filter(({ left, right }) => left < outside.left - 1 || right > outside.right + 1);
          assert.deepEqual(cut, [], `${id}: cut`);
          const pairs = texts.flatMap((one, index) =>
            texts.slice(index + 1).filter((other) => overlaps(one, other)).map((
              other,
            ) => [one.text, other.text])
          );
          assert.deepEqual(pairs, [], `${id}: one on another`);
        }
        assert.deepEqual(
          drawn[0]!.texts.filter(({ text }) => /^\d/.test(text) || /\d$/.test(text)).length >= 16,
          true,
        );
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
        assert.deepEqual(complaints, []);
        assert.equal(requests.length, 1);
        await page.close();
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
