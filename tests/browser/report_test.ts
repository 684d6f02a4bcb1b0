/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assets } from "#report/page/assets.ts";
import { composeReport } from "#report/compose/experiment.ts";
import { renderPage } from "#report/render/html.ts";
import { contrast } from "#report/charts/palette.ts";
import { cyclesFixture } from "../support/cycles_fixture.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";
import { requires } from "../support/requires.ts";
import { launch, openWatched, type Watched } from "./chromium.ts";

const HOSTILE = `</script><script>alert(1)</script>"'&<b>😀`;
const LONG = "a very long name of an arm that goes on and on and does not end where one would want it to "
  .repeat(2);
const FIGURES = 10;
const FIGURES_OF_CYCLES = 22;

/** One browser and one folder of pages for all steps. */
Deno.test("the report in Chromium", await requires("chromium"), async (t) => {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, arms?: readonly string[]): Promise<string> => {
    const { summary, records } = experimentFixture({
      steps: 400,
      stepsPerEpoch: 50,
      diverged: { arm: 2, seed: 3 },
      ...(arms ? { arms } : {}),
    });
    const titled = arms ? { ...summary, name: arms[0]!, introduction: arms[0]! } : summary;
    const path = `${folder}/${name}.html`;
    await Deno.writeTextFile(path, await renderPage(composeReport(titled, records), assets));
    return pathToFileURL(path).href;
  };
  const plain = await write("plain");
  const hostile = await write("hostile", [HOSTILE, LONG, "🦕".repeat(40), "=1+1"]);
  const cycles = cyclesFixture();
  const cyclesPath = `${folder}/cycles.html`;
  await Deno.writeTextFile(
    cyclesPath,
    await renderPage(composeReport(cycles.summary, cycles.records), assets),
  );
  const browser = await launch();
  const open = (address: string, options?: BrowserContextOptions) => openWatched(browser, address, options);
  try {
    // Pages take seconds to open on a small machine, so steps share them; what a step changes it puts back.
    const light = await open(plain, { colorScheme: "light" });
    await t.step("the keyboard reaches and works the switches", () => keyboard(light));
    await t.step("every figure is drawn, and Plotly finds no fault with it", () => figuresAreDrawn(light));
    await t.step("a click in a legend hides the arm in every chart", () => legendClick(light));
    await t.step("text is legible in light colours", () => isLegible(light));
    await t.step("the theme's button repaints the charts", () => themeButton(light));
    await t.step("no complaint, and no request but for the page itself", () => isQuiet(light, plain));
    await light.page.context().close();

    const dark = await open(plain, { colorScheme: "dark" });
    await t.step("text is legible in dark colours", () => isLegible(dark));
    await t.step("prints in light colours on several pages", () => prints(dark));
    await dark.page.context().close();

    const desk = await open(hostile, { viewport: { width: 1600, height: 900 } });
    await t.step("hostile names are text, in the page and in the charts", () => hostileNames(desk));
    await t.step("nothing overflows on a desk", () => fits(desk, [1600, 800]));
    await desk.page.context().close();
    const phone = await open(hostile, { viewport: { width: 320, height: 800 } });
    await t.step("nothing overflows on a phone", () => fits(phone, [320, 400]));
    await phone.page.context().close();

    const full = await open(pathToFileURL(cyclesPath).href, { viewport: { width: 320, height: 800 } });
    await t.step(
      "first steps, drops, restarts and models are drawn, and fit a phone and a desk",
      async () => {
        await figuresAreDrawn(full, FIGURES_OF_CYCLES);
        await fits(full, [320, 1600]);
        await isLegible(full);
        assert.deepEqual(full.complaints, []);
      },
    );
    await full.page.context().close();

    await t.step(
      "without JavaScript tables stand where the charts would",
      () => withoutScript(browser, plain),
    );

    const attacked = await open(plain);
    await t.step(
      "the policy is in force: no other script, style or request",
      () => policyHolds(attacked, plain),
    );
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});

async function isQuiet({ page, complaints, requests }: Watched, address: string): Promise<void> {
  await page.hover("#validation-accuracy-plot .nsewdrag");
  await page.hover("#sensitivity-plot .nsewdrag");
  for (const summary of await page.locator("summary").all()) await summary.click();
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, [address]);
}

async function withoutScript(browser: Browser, address: string): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(address);
  assert.equal(await page.locator("details[open] table:visible").count(), FIGURES);
  assert.equal(await page.locator(".plot:visible, .switches:visible, #theme:visible").count(), 0);
  assert.ok(
    (await page.locator("main .notice:visible").allTextContents()).some((text) =>
      text.includes("need JavaScript")
    ),
  );
  await context.close();
}

async function policyHolds({ page, complaints, requests }: Watched, address: string): Promise<void> {
  const outcome = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.intruder = true";
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(style);
    const fetched = await fetch("https://example.org/").then(() => true, () => false);
    return {
      intruder: "intruder" in globalThis,
      hidden: getComputedStyle(document.body).display === "none",
      fetched,
    };
  });
  assert.deepEqual(outcome, { intruder: false, hidden: false, fetched: false });
  assert.ok(complaints.every((text) => text.includes("Content Security Policy")) && complaints.length >= 3);
  assert.deepEqual(requests, [address], "the policy stopped the request before it was made");
}

async function figuresAreDrawn({ page }: Watched, count = FIGURES): Promise<void> {
  const drawn = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
      const { Plotly } = globalThis as unknown as {
        Plotly: { validate(data: unknown, layout: unknown): unknown };
      };
      const { data, layout } = plot as unknown as { data: unknown; layout: Record<string, unknown> };
      return {
        id: plot.id,
        marks: plot.querySelectorAll(".scatterlayer path, .heatmaplayer image").length,
        // The upright axes of parallel coordinates have their titles in annotations, above those of their ticks.
        titles: [
          ...plot.querySelectorAll(
            plot.id.includes("parallel") ? ".annotation-text" : ".xtitle, .ytitle, .x2title",
          ),
        ].map((title) => title.textContent ?? "").filter((title) => !/^[\d.]+$/.test(title)),
        height: plot.getBoundingClientRect().height,
        faults: Plotly.validate(data, layout) ?? null,
        unpainted: plot.innerHTML.includes("@"),
      };
    })
  );
  assert.equal(drawn.length, count);
  for (const { id, marks, titles, height, faults, unpainted } of drawn) {
    assert.ok(marks > 0 && height > 150, `${id} is empty`);
    assert.ok(titles.length >= 1 && titles.every((title) => title.length > 2), `${id} has untitled axes`);
    assert.equal(faults, null, `${id}: ${JSON.stringify(faults)}`);
    assert.equal(unpainted, false, `${id} has a colour without a value`);
  }
  const units = drawn.flatMap(({ titles }) => titles).join("; ");
  for (const unit of ["(nats)", "(%)", "(steps)", "(points)", "epoch"]) {
    assert.ok(units.includes(unit), unit);
  }
}

/** Runs checks again until they pass, for five seconds at most: charts are drawn a moment after what causes it. */
async function eventually(checks: () => Promise<void>): Promise<void> {
  const end = performance.now() + 5000;
  for (;;) {
    try {
      return await checks();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** How many traces of each chart are visible, by chart. */
function visibleTraces(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
        const { data } = plot as unknown as { data: { visible: unknown }[] };
        return [plot.id, data.filter(({ visible }) => visible === true).length];
      }),
    )
  );
}

async function legendClick({ page }: Watched): Promise<void> {
  const before = await visibleTraces(page);
  await page.locator("#training-loss-plot .legendtoggle").nth(1).click();
  await eventually(async () => {
    const after = await visibleTraces(page);
    for (const id of ["training-loss-plot", "validation-accuracy-plot", "difference-test-accuracy-plot"]) {
      assert.ok(after[id]! < before[id]!, `${id} still shows the arm`);
    }
    assert.equal(after["sensitivity-plot"], before["sensitivity-plot"]);
  });
  assert.equal(await page.locator("input[data-series='1']").isChecked(), false);
  await page.locator("input[data-series='1']").check();
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
  const checked = () =>
    page.locator("input[data-series]").evaluateAll((inputs) =>
      inputs.map((input) => (input as HTMLInputElement).checked)
    );
  // A busy machine may take longer between the clicks than Plotly waits for the second one.
  for (let attempt = 0; attempt < 5 && (await checked()).filter(Boolean).length !== 1; attempt++) {
    for (const input of await page.locator("input[data-series]").all()) await input.check();
    await page.locator("#training-loss-plot .legendtoggle").nth(0).dblclick();
    await page.waitForTimeout(1000);
  }
  assert.deepEqual(await checked(), [true, false, false, false], "a double click shows the arm alone");
  for (const input of await page.locator("input[data-series]").all()) await input.check();
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
}

async function keyboard({ page }: Watched): Promise<void> {
  const before = await visibleTraces(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the report");
  let reached = false;
  for (let presses = 0; presses < 15 && !reached; presses++) {
    await page.keyboard.press("Tab");
    reached = await page.evaluate(() => document.activeElement?.matches("input[data-series='0']") ?? false);
  }
  assert.ok(reached, "no switch within 15 presses of Tab");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  assert.notEqual(outline, "none", "focus is not to be seen");
  await page.keyboard.press("Space");
  await eventually(async () => {
    assert.ok((await visibleTraces(page))["validation-accuracy-plot"]! < before["validation-accuracy-plot"]!);
  });
  await page.keyboard.press("Space");
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
  await page.locator("summary").first().press("Enter");
  assert.equal(await page.locator("details[open] table").count(), 1);
}

/** Colour of every piece of text and of what lies behind it, as `#rrggbb`. */
function textColors(page: Page): Promise<{ text: string; color: string; behind: string }[]> {
  return page.evaluate(() => {
    const hex = (color: string) =>
      "#" +
      (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((n) => Math.round(+n).toString(16).padStart(2, "0"))
        .join("");
    const backgroundOf = (element: Element | null): string => {
      for (let at = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if (!/rgba\(.*, 0(\.\d+)?\)|transparent/.test(color)) return color;
      }
      return "rgb(255, 255, 255)";
    };
    return [...document.querySelectorAll("body *")].filter((element) =>
      element.checkVisibility() && !element.closest("script, .heatmaplayer, .annotation, .modebar") &&
      [...element.childNodes].some((node) =>
        node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== ""
      )
    ).map((element) => {
      const style = getComputedStyle(element);
      return {
        text: element.textContent!.slice(0, 40),
        color: hex(element instanceof SVGElement ? style.fill : style.color),
        behind: hex(backgroundOf(element)),
      };
    });
  });
}

async function isLegible({ page }: Watched): Promise<void> {
  const texts = await textColors(page);
  assert.ok(texts.length > 300, `only ${texts.length} texts`);
  for (const { text, color, behind } of texts) {
    assert.ok(contrast(color, behind) >= 4.5, `${text}: ${color} on ${behind}`);
  }
}

async function themeButton({ page }: Watched): Promise<void> {
  const paper = () =>
    page.evaluate(() => {
      const plot = document.querySelector(".plot .main-svg") as SVGElement;
      return [getComputedStyle(document.body).backgroundColor, plot.style.background];
    });
  const light = await paper();
  await page.locator("#theme").click();
  await page.locator("#theme").click();
  assert.equal(await page.locator("#theme").textContent(), "Theme: dark");
  await eventually(async () => {
    const dark = await paper();
    assert.notDeepEqual(dark, light);
    assert.equal(dark[1], dark[0], "charts have the page's own background");
  });
}

async function hostileNames({ page, complaints }: Watched): Promise<void> {
  assert.ok((await page.locator(".eyebrow").textContent())!.includes(HOSTILE));
  assert.equal(await page.locator(".switch .name").first().textContent(), HOSTILE);
  const legend = await page.locator("#training-loss-plot .legendtext").first().textContent();
  assert.ok(legend!.startsWith("</script><script>") && legend!.endsWith(HOSTILE.slice(-10)), legend!);
  assert.equal(await page.locator(".eyebrow b, .switch b").count(), 0);
  assert.deepEqual(complaints, []);
}

/** At the width it was opened with, and as a window that is resized. */
async function fits({ page }: Watched, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    await eventually(async () => {
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `the page is ${widest} pixels wide at ${width}`);
      assert.deepEqual(await textsOutside(page), [], `labels are cut off at ${width}`);
    });
  }
}

/** Charts with a title or a label that reaches beyond them. */
function textsOutside(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".plot")].filter((plot) => {
      const box = plot.getBoundingClientRect();
      return [...plot.querySelectorAll(".xtitle, .ytitle, .xtick, .ytick, .legendtext")].some((text) => {
        const { left, right } = text.getBoundingClientRect();
        return left < box.left - 1 || right > box.right + 1;
      });
    }).map(({ id }) => id)
  );
}

async function prints({ page, complaints }: Watched): Promise<void> {
  const pdf = Buffer.from(await page.pdf({ format: "A4" }));
  assert.equal(pdf.subarray(0, 5).toString("latin1"), "%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(pages >= 3 && pages <= 12, `${pages} pages`);
  await page.emulateMedia({ media: "print" });
  const printedState = () =>
    page.evaluate(() => ({
      paper: getComputedStyle(document.documentElement).getPropertyValue("--paper").trim(),
      chart: (document.querySelector(".plot .main-svg") as SVGElement).style.background,
      tools: [...document.querySelectorAll(".bar, details, .modebar-container")].filter((one) =>
        one.checkVisibility()
      ).length,
    }));
  await eventually(async () => {
    assert.deepEqual(await printedState(), { paper: "#fdfcfa", chart: "rgb(253, 252, 250)", tools: 0 });
  });
  assert.deepEqual(complaints, []);
}
