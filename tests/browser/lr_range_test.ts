/// <reference lib="dom" />
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { assets } from "#report/page/assets.ts";
import { renderPage } from "#report/render/html.ts";
import { composeRangeTest } from "#report/compose/lr_range.ts";
import { rangeTestFixture } from "../support/lr_range_fixture.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { openWatched } from "./chromium.ts";

Deno.test(
  "a range test's page in Chromium: marks where the suggestions lie, ticks apart, no complaint",
  await requires("chromium"),
  async () => {
    const result = rangeTestFixture({ name: "</script><script>alert(1)</script>" });
    const path = await Deno.makeTempFile({ suffix: ".html" });
    await Deno.writeTextFile(path, await renderPage(composeRangeTest(result), assets));
    try {
      for (const colorScheme of LONG ? ["light", "dark"] as const : ["dark"] as const) {
        const address = pathToFileURL(path).href;
        const { page, complaints, requests } = await openWatched(address, {
          colorScheme,
          viewport: { width: 1200, height: 900 },
        });
        const seen = await page.evaluate(() => {
          const plot = document.querySelector<HTMLElement>("#loss-over-rate-plot")!;
          const { Plotly } = globalThis as unknown as {
            Plotly: { validate(data: unknown, layout: unknown): unknown };
          };
          const { data, layout } = plot as unknown as { data: unknown; layout: unknown };
          const boxes = (selector: string) =>
            [...plot.querySelectorAll(selector)].map((one) => {
              const { left, right } = one.getBoundingClientRect();
              return { left, right, middle: (left + right) / 2 };
            });
          return {
            faults: Plotly.validate(data, layout) ?? null,
            marks: boxes(".shapelayer path").map(({ middle }) => middle),
            ticks: boxes(".xtick text").filter(({ left, right }) => right > left),
            labels: [...plot.querySelectorAll(".annotation-text")].map((text) => text.textContent),
            tickTexts: [...plot.querySelectorAll(".xtick text")].map((text) => text.textContent).filter((
              text,
            ) => text),
          };
        });
        assert.equal(seen.faults, null, JSON.stringify(seen.faults));
        assert.deepEqual(complaints, []);
        assert.deepEqual(requests, [address]);

        // A mark stands between the ticks of the decades around its rate, at its share of the way on a log axis.
        const rates = result.suggestions.flatMap(({ lr }) => lr ?? []).sort((a, b) => a - b);
        assert.equal(seen.marks.length, rates.length);
        assert.equal(seen.labels.length, rates.length);
        const logs = seen.tickTexts.map((text) => Math.log10(Number(text)));
        const [first, last] = [seen.ticks[0]!, seen.ticks.at(-1)!];
        const perDecade = (last.middle - first.middle) / (logs.at(-1)! - logs[0]!);
        rates.forEach((rate, i) => {
          const expected = first.middle + (Math.log10(rate) - logs[0]!) * perDecade;
          assert.ok(Math.abs(seen.marks[i]! - expected) < 3, `${rate} at ${seen.marks[i]}, not ${expected}`);
        });
        seen.ticks.slice(1).forEach(({ left }, i) => assert.ok(left > seen.ticks[i]!.right, "ticks overlap"));
        await page.close();
      }
    } finally {
      await Deno.remove(path);
    }
  },
);
