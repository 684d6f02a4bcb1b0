/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { assets } from "#report/page/assets.ts";
import { composeReport } from "#report/compose/experiment.ts";
import { renderPage } from "#report/render/html.ts";
import { alignBySteps, smoothed } from "#stats/curves.ts";
import { contrast } from "#report/charts/palette.ts";
import { cyclesFixture } from "../support/cycles_fixture.ts";
import { experimentFixture, type Fixture } from "../support/experiment_fixture.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { eventually, nextFrame, openWatched, openWithoutScript, unfold, type Watched } from "./chromium.ts";

const HOSTILE = `</script><script>alert(1)</script>"'&<b>😀`;
const WORDY = "a very long name of an arm that goes on and on and does not end where one would want it to "
  .repeat(2);
const FIGURES = 11;
const FIGURES_OF_CYCLES = 23;

/** One folder of pages for all steps. */
Deno.test("the report in Chromium", await requires("chromium"), async (t) => {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, { summary, records }: Fixture): Promise<string> => {
    const path = `${folder}/${name}.html`;
    await Deno.writeTextFile(path, await renderPage(composeReport(summary, records), assets));
    return pathToFileURL(path).href;
  };
  const plain = await write(
    "plain",
    experimentFixture({ steps: 400, stepsPerEpoch: 50, diverged: { arm: 2, seed: 3 } }),
  );
  const { summary, records } = cyclesFixture([HOSTILE, WORDY, "🦕".repeat(40), "=1+1"]);
  const hostile = await write("hostile", {
    summary: { ...summary, name: HOSTILE, introduction: HOSTILE },
    records,
  });
  try {
    // Pages take seconds to open on a small machine, so steps share them; what a step changes it puts back.
    const light = await openWatched(plain, { colorScheme: "light" });
    await t.step("the first screen alone is in sight, on a desk and on a phone", () => firstScreen(light));
    await t.step(
      "the keyboard reaches and works the switches, the tools and the folds",
      () => keyboard(light),
    );
    await t.step("a chip opens its answer in full", () => chip(light));
    // Each switch draws all that is in sight again, so the rest is opened later.
    await unfold(light.page, ["training-loss-plot", "validation-accuracy-plot", "sensitivity-plot"]);
    await t.step(
      "a click on the legend hides the arm in every chart, a double click shows it alone",
      () => legend(light),
    );
    await t.step("a window that gets wider or narrower keeps the zoom, and draws once", () => zoom(light));
    await t.step("what is pointed at stands out in every chart", () => pointing(light));
    await t.step("single runs on demand, smoothed as the report smooths", () => seedsAndSmoothing(light));
    await unfold(light.page);
    await t.step("every figure is drawn, and Plotly finds no fault with it", () => figuresAreDrawn(light));
    await t.step("tables say what they are of", () => captions(light));
    await t.step("text is legible in light colours", () => isLegible(light));
    await t.step("the theme's button repaints the charts", () => themeButton(light));
    await t.step("text is legible in dark colours", () => turnsDark(light));
    await t.step("prints in light colours on several pages", () => prints(light));
    await t.step("no complaint, and no request but for the page itself", () => isQuiet(light, plain));
    await t.step(
      "the policy is in force: no other script, style or request",
      () => policyHolds(light, plain),
    );
    await light.page.close();

    const phone = await openWatched(hostile, { viewport: { width: 320, height: 800 } });
    await unfold(phone.page);
    await t.step("hostile names are text, in the page and in the charts", () => hostileNames(phone));
    await t.step(
      "first steps, drops, restarts and models are drawn",
      () => figuresAreDrawn(phone, FIGURES_OF_CYCLES),
    );
    await t.step("text is legible on a phone", () => isLegible(phone));
    const widths = LONG ? [320, 400, 1600, 800] : [320, 1600];
    await t.step("nothing overflows on a phone, nor on a desk", () => fits(phone, widths));
    assert.deepEqual(phone.complaints, []);
    await phone.page.close();
    if (LONG) {
      const desk = await openWatched(hostile, { viewport: { width: 1600, height: 900 } });
      await unfold(desk.page);
      await t.step("nothing overflows where it is opened on a desk", () => fits(desk, [1600, 320]));
      await desk.page.close();
      const dark = await openWatched(plain, { colorScheme: "dark" });
      await unfold(dark.page);
      await t.step("text is legible where it is opened in dark colours", () => isLegible(dark));
      await dark.page.close();
    }

    await t.step(
      "without JavaScript tables stand where the charts would",
      () => withoutScript(plain),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function isQuiet({ page, complaints, requests }: Watched, address: string): Promise<void> {
  await page.hover("#validation-accuracy-plot .nsewdrag");
  await page.hover("#sensitivity-plot .nsewdrag");
  for (const summary of await page.locator("figure summary").all()) await summary.click();
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, [address]);
}

async function withoutScript(address: string): Promise<void> {
  const page = await openWithoutScript();
  await page.goto(address);
  for (const fold of await page.locator(".fold > summary").all()) await fold.click();
  assert.equal(await page.locator("figure details[open] table:visible").count(), FIGURES);
  assert.equal(await page.locator(".plot:visible, .switches:visible, #theme:visible").count(), 0);
  assert.ok(
    (await page.locator("main .notice:visible").allTextContents()).some((text) =>
      text.includes("need JavaScript")
    ),
  );
  await page.close();
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
      const { data, layout } = plot as unknown as {
        data: { visible: unknown }[];
        layout: Record<string, unknown>;
      };
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
        faults: Plotly.validate(data.filter(({ visible }) => visible === true), layout) ?? null,
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

/** How many traces of each chart are visible, by chart. */
function visibleTraces(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
        const { data = [] } = plot as unknown as { data?: { visible: unknown }[] };
        return [plot.id, data.filter(({ visible }) => visible === true).length];
      }),
    )
  );
}

/** What of the report is in sight before anything is opened. */
async function firstScreen({ page }: Watched): Promise<void> {
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await eventually(async () => {
      const seen = await page.evaluate(() => ({
        figures: [...document.querySelectorAll("figure")].filter((one) => one.checkVisibility()).map((
          { id },
        ) => id),
        chips: document.querySelectorAll(".chip").length,
        tables: [...document.querySelectorAll("table")].filter((one) => one.checkVisibility()).length,
        wide: document.documentElement.scrollWidth,
        legends: document.querySelectorAll(".overview .legend").length,
        // Panels side by side, by where their names begin.
        columns: new Set(
          [...document.querySelectorAll("#arms-at-a-glance-plot .annotation")].map((one) =>
            Math.round(one.getBoundingClientRect().left)
          ),
        ).size,
      }));
      assert.deepEqual(seen, {
        figures: ["arms-at-a-glance", "difference-test-accuracy"],
        chips: 3,
        tables: 0,
        wide: width,
        legends: 0,
        // The panel of the failed run has a remark, which begins where its name does.
        columns: width === 390 ? 2 : 4,
      });
    });
  }
}

const checked = (page: Page) =>
  page.locator("input[data-series]").evaluateAll((inputs) =>
    inputs.map((input) => (input as HTMLInputElement).checked)
  );

async function legend({ page }: Watched): Promise<void> {
  const before = await visibleTraces(page);
  const redrawn = await countRedraws(page, "sensitivity-plot");
  const name = (index: number) => page.locator(".switch .name").nth(index);
  await name(1).click();
  await eventually(async () => {
    const after = await visibleTraces(page);
    for (const id of ["training-loss-plot", "arms-at-a-glance-plot", "difference-test-accuracy-plot"]) {
      assert.ok(after[id]! < before[id]!, `${id} still shows the arm`);
    }
    assert.equal(after["sensitivity-plot"], before["sensitivity-plot"]);
  });
  assert.deepEqual(await checked(page), [true, false, true, true]);
  await name(1).click();
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
  // The browser itself reports a double click, so nothing depends on how fast the page is.
  await name(2).dblclick();
  await eventually(async () => assert.deepEqual(await checked(page), [false, false, true, false]));
  await eventually(async () => {
    const { "training-loss-plot": alone } = await visibleTraces(page);
    assert.ok(alone! < before["training-loss-plot"]!);
  });
  await name(2).dblclick();
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
  assert.equal(await redrawn(), 0, "it has no arms");
}

/** Counts how often a chart is drawn from now on. */
async function countRedraws(page: Page, id: string): Promise<() => Promise<number>> {
  const plot = page.locator(`#${id}`);
  await plot.evaluate((element) => {
    const plot = element as HTMLElement & { on(event: string, handler: () => void): void };
    plot.dataset["redraws"] = "0";
    plot.on("plotly_afterplot", () => plot.dataset["redraws"] = String(Number(plot.dataset["redraws"]) + 1));
  });
  return async () => Number(await plot.getAttribute("data-redraws"));
}

/** A window that gets wider leaves what the reader has zoomed to. */
async function zoom({ page }: Watched): Promise<void> {
  const redrawn = await countRedraws(page, "training-loss-plot");
  const seen = () =>
    page.evaluate(() => {
      const plot = document.getElementById("training-loss-plot") as unknown as HTMLElement & {
        layout: { xaxis: { range: number[] } };
      };
      const svg = plot.querySelector(".main-svg")!;
      return { range: plot.layout.xaxis.range, drawn: svg.clientWidth, width: plot.clientWidth };
    });
  await page.evaluate(() => {
    const { Plotly } = globalThis as unknown as {
      Plotly: { relayout(element: Element, changes: unknown): Promise<unknown> };
    };
    return Plotly.relayout(document.getElementById("training-loss-plot")!, { "xaxis.range": [100, 200] })
      .then(() => null);
  });
  const { width } = await seen();
  await page.setViewportSize({ width: 900, height: 900 });
  await eventually(async () => {
    const after = await seen();
    assert.ok(after.width < width && after.drawn === after.width, JSON.stringify(after));
    assert.deepEqual(after.range, [100, 200]);
  });
  await page.setViewportSize({ width: 1280, height: 900 });
  await eventually(async () => assert.equal((await seen()).drawn, width));
  assert.equal(await redrawn(), 3, "the zoom and each width");
}

/** For each chart, the series of its dimmed traces. */
function dimmed(page: Page): Promise<Record<string, number[]>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll(".plot")].map((plot) => {
        const groups = [...plot.querySelectorAll(".scatterlayer > .trace.dim")];
        const of = (group: Element) =>
          (group as unknown as { __data__: { trace: { meta: { series: number } } }[] }).__data__[0]!.trace
            .meta.series;
        return [plot.id, [...new Set(groups.map(of))].sort()];
      }),
    )
  );
}

async function pointing({ page }: Watched): Promise<void> {
  await page.locator(".switch .name").nth(1).hover();
  await eventually(async () => {
    const found = await dimmed(page);
    assert.deepEqual(found["training-loss-plot"], [0, 2, 3]);
    assert.deepEqual(found["arms-at-a-glance-plot"], [0, 2, 3]);
    assert.deepEqual(found["difference-test-accuracy-plot"], [2, 3]);
    assert.deepEqual(found["sensitivity-plot"], [], "it has no arms");
  });
  await page.locator("h1").hover();
  await eventually(async () => assert.deepEqual((await dimmed(page))["training-loss-plot"], []));
  // A dot is a seed: the other seeds' dots step back in every row.
  const dots = page.locator("#difference-test-accuracy-plot .scatterlayer .trace:first-child .point");
  await dots.nth(0).hover({ force: true });
  await eventually(async () => {
    assert.equal(await page.locator("#difference-test-accuracy-plot .point.lit").count(), 3, "one a row");
  });
  await page.locator("h1").hover();
  await eventually(async () => assert.equal(await page.locator(".point.lit").count(), 0));
}

async function seedsAndSmoothing({ page }: Watched): Promise<void> {
  const before = await visibleTraces(page);
  await page.locator("#seeds").check();
  await eventually(async () => {
    const after = await visibleTraces(page);
    // Four arms with three seeds each, of which one failed, and is always shown.
    for (const id of ["arms-at-a-glance-plot", "training-loss-plot", "validation-accuracy-plot"]) {
      assert.equal(after[id]! - before[id]!, 11, id);
    }
  });
  await page.locator("#smoothing").fill("10");
  assert.equal(await page.locator("#smoothed").textContent(), "10 % of the run");
  // It is drawn before the next frame.
  await nextFrame(page);
  const { drawn, given } = await page.evaluate(() => {
    type Trace = { x: number[]; y: number[]; meta: { part?: string; line?: number } };
    const figures: { id: string; data: Trace[] }[] = JSON.parse(
      document.getElementById("figures")!.textContent!,
    );
    const part = (data: Trace[], name: string) =>
      data.filter(({ meta }) => meta.line === 0 && meta.part === name).map(({ x, y }) => ({
        x: [...x],
        y: [...y],
      }));
    const { data } = document.getElementById("training-loss-plot") as unknown as { data: Trace[] };
    const [mean] = part(data, "mean");
    const runs = part(figures.find(({ id }) => id === "training-loss")!.data, "seed");
    return { drawn: mean!, given: runs };
  });
  // Blocks are of equal length, so that half-lives in steps are half-lives in points.
  const span = given[0]!.x.at(-1)!;
  const halfLife = 0.1 * span / (given[0]!.x[1]! - given[0]!.x[0]!);
  const expected = alignBySteps(given.map(({ x, y }) => ({ steps: x, values: smoothed(y, halfLife) })));
  const regular = given[0]!.x.findIndex((x, i, all) => i > 1 && x - all[i - 1]! !== all[1]! - all[0]!);
  expected.mean.slice(0, regular === -1 ? undefined : regular).forEach((value, i) => {
    assert.ok(Math.abs(value - drawn.y[i]!) < 1e-5, `${i}: ${value}, ${drawn.y[i]}`);
  });
  await page.locator("#smoothing").fill("0");
  await page.locator("#seeds").uncheck();
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
}

async function chip({ page }: Watched): Promise<void> {
  await page.locator(".chip a").nth(2).click();
  await eventually(async () => {
    assert.ok(await page.locator("#answer-3").isVisible());
    assert.equal(await page.evaluate(() => document.activeElement?.id), "answer-3");
  });
}

async function keyboard({ page }: Watched): Promise<void> {
  const before = await visibleTraces(page);
  await page.locator("body").press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the report");
  const reach = async (selector: string) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`no ${selector} within 40 presses of Tab`);
  };
  await reach("input[data-series='0']");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  assert.notEqual(outline, "none", "focus is not to be seen");
  await page.keyboard.press("Space");
  await eventually(async () => {
    assert.ok((await visibleTraces(page))["arms-at-a-glance-plot"]! < before["arms-at-a-glance-plot"]!);
  });
  await page.keyboard.press("Space");
  await eventually(async () => assert.deepEqual(await visibleTraces(page), before));
  await reach("#seeds");
  await reach("#smoothing");
  await page.keyboard.press("ArrowRight");
  await eventually(async () => assert.equal(await page.locator("#smoothed").textContent(), "1 % of the run"));
  await page.keyboard.press("ArrowLeft");
  await reach(".chip a");
  await reach(".fold > summary");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("details.fold[open]").count(), 1);
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

/** Of a figure's numbers the figure's title says it. */
async function captions({ page }: Watched): Promise<void> {
  const [seen, hidden] = await page.evaluate(() => {
    const heights = (tables: string) =>
      [...document.querySelectorAll(`${tables} caption`)].map((caption) =>
        caption.getBoundingClientRect().height
      );
    return [heights(".fold .scroll:not(figure .scroll)"), heights("figure")];
  });
  assert.ok(seen!.length > 5 && seen!.every((height) => height > 10), `${seen}`);
  assert.ok(hidden!.length > 5 && hidden!.every((height) => height < 10), `${hidden}`);
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
  await page.locator("#theme").click();
  await eventually(async () => assert.deepEqual(await paper(), light));
}

/** A window that turns dark, as at sunset. */
async function turnsDark(watched: Watched): Promise<void> {
  await watched.page.emulateMedia({ colorScheme: "dark" });
  await eventually(() => isLegible(watched));
}

async function hostileNames({ page, complaints }: Watched): Promise<void> {
  assert.ok((await page.locator(".eyebrow").textContent())!.includes(HOSTILE));
  assert.equal(await page.locator(".switch .name").first().textContent(), HOSTILE);
  const panel = await page.locator("#arms-at-a-glance-plot .annotation-text").first().textContent();
  assert.ok(panel!.startsWith("</script>") && panel!.endsWith(HOSTILE.slice(-8)), panel!);
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

async function prints({ page }: Watched): Promise<void> {
  const pdf = Buffer.from(await page.pdf({ format: "A4" }));
  assert.equal(pdf.subarray(0, 5).toString("latin1"), "%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(pages >= 3 && pages <= 12, `${pages} pages`);
  await page.emulateMedia({ media: "print" });
  const printedState = () =>
    page.evaluate(() => ({
      paper: getComputedStyle(document.documentElement).getPropertyValue("--paper").trim(),
      chart: (document.querySelector(".plot .main-svg") as SVGElement).style.background,
      tools: [...document.querySelectorAll(".bar, details:not(.fold), .modebar-container")].filter((one) =>
        one.checkVisibility()
      ).length,
    }));
  await eventually(async () => {
    assert.deepEqual(await printedState(), { paper: "#fdfcfa", chart: "rgb(253, 252, 250)", tools: 0 });
  });
  await page.emulateMedia({ media: "screen", colorScheme: "light" });
  await eventually(async () => assert.equal((await printedState()).tools > 0, true));
}
