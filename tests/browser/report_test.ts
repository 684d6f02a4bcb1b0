/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { assets } from "#report/assets.ts";
import { composeReport } from "#report/compose.ts";
import { renderPage } from "#report/html.ts";
import { contrast } from "#report/palette.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";
import { requires } from "../support/requires.ts";
import { launch, openWatched } from "./chromium.ts";

const HOSTILE = `</script><script>alert(1)</script>"'&<b>😀`;
const LONG = "a very long name of an arm that goes on and on and does not end where one would want it to "
  .repeat(2);
const FIGURES = 9;

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
    const titled = arms ? { ...summary, name: arms[0]!, lede: arms[0]! } : summary;
    const path = `${folder}/${name}.html`;
    await Deno.writeTextFile(path, renderPage(composeReport(titled, records), assets));
    return pathToFileURL(path).href;
  };
  const plain = await write("plain");
  const hostile = await write("hostile", [HOSTILE, LONG, "🦕".repeat(40), "=1+1"]);
  const browser = await launch();
  const step = (name: string, run: (browser: Browser) => Promise<void>) => t.step(name, () => run(browser));
  try {
    await step(
      "opens without a complaint and asks for nothing but itself",
      () => opensQuietly(browser, plain),
    );
    await step(
      "the policy is in force: no other script, style or request",
      () => policyHolds(browser, plain),
    );
    await step(
      "every figure is drawn, and Plotly finds no fault with it",
      () => figuresAreDrawn(browser, plain),
    );
    await step("a click in a legend hides the arm in every chart", () => legendClick(browser, plain));
    await step("the keyboard reaches and works the switches", () => keyboard(browser, plain));
    await step(
      "text is legible in both themes, and the toggle repaints the charts",
      () => themes(browser, plain),
    );
    await step("hostile names are text, in the page and in the charts", () => hostileNames(browser, hostile));
    await step("nothing overflows on a phone", () => fits(browser, hostile, [320, 400]));
    await step("nothing overflows on a desk", () => fits(browser, hostile, [1600, 800]));
    await step("prints in light colours on several pages", () => prints(browser, plain));
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});

async function opensQuietly(browser: Browser, address: string): Promise<void> {
  const { page, complaints, requests } = await openWatched(browser, address);
  await page.hover("#validation-accuracy-plot .nsewdrag");
  await page.hover("#sensitivity-plot .nsewdrag");
  for (const summary of await page.locator("summary").all()) await summary.click();
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, [address]);
  await page.context().close();
}

async function policyHolds(browser: Browser, address: string): Promise<void> {
  const { page, complaints, requests } = await openWatched(browser, address);
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
  await page.context().close();
}

async function figuresAreDrawn(browser: Browser, address: string): Promise<void> {
  const { page } = await openWatched(browser, address);
  const drawn = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".plot")].map((plot) => {
      const { Plotly } = globalThis as unknown as {
        Plotly: { validate(data: unknown, layout: unknown): unknown };
      };
      const { data, layout } = plot as unknown as { data: unknown; layout: Record<string, unknown> };
      return {
        id: plot.id,
        marks: plot.querySelectorAll(".scatterlayer path, .heatmaplayer image").length,
        titles: [...plot.querySelectorAll(".xtitle, .ytitle, .x2title")].map((title) =>
          title.textContent ?? ""
        ),
        height: plot.getBoundingClientRect().height,
        faults: Plotly.validate(data, layout) ?? null,
        unpainted: plot.innerHTML.includes("@"),
      };
    })
  );
  assert.equal(drawn.length, FIGURES);
  for (const { id, marks, titles, height, faults, unpainted } of drawn) {
    assert.ok(marks > 0 && height > 150, `${id} is empty`);
    assert.ok(titles.length >= 1 && titles.every((title) => title.length > 2), `${id} has untitled axes`);
    assert.equal(faults, null, `${id}: ${JSON.stringify(faults)}`);
    assert.equal(unpainted, false, `${id} has a colour without a value`);
  }
  const units = drawn.flatMap(({ titles }) => titles).join("; ");
  for (const unit of ["(nats)", "(%)", "(updates)", "(points)", "epoch"]) {
    assert.ok(units.includes(unit), unit);
  }
  await page.context().close();
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

async function legendClick(browser: Browser, address: string): Promise<void> {
  const { page, complaints } = await openWatched(browser, address);
  const before = await visibleTraces(page);
  await page.locator("#training-loss-plot .legendtoggle").nth(1).click();
  await page.waitForFunction(() =>
    !document.querySelector<HTMLInputElement>("input[data-series='1']")!.checked
  );
  await page.waitForTimeout(100);
  const after = await visibleTraces(page);
  for (const id of ["training-loss-plot", "validation-accuracy-plot", "difference-test-accuracy-plot"]) {
    assert.ok(after[id]! < before[id]!, `${id} still shows the arm`);
  }
  assert.equal(after["sensitivity-plot"], before["sensitivity-plot"]);
  await page.locator("input[data-series='1']").check();
  await page.waitForTimeout(100);
  assert.deepEqual(await visibleTraces(page), before);
  assert.deepEqual(complaints, []);
  await page.context().close();
}

async function keyboard(browser: Browser, address: string): Promise<void> {
  const { page } = await openWatched(browser, address);
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
  await page.waitForTimeout(100);
  const after = await visibleTraces(page);
  assert.ok(after["validation-accuracy-plot"]! < before["validation-accuracy-plot"]!);
  await page.keyboard.press("Space");
  await page.waitForTimeout(100);
  assert.deepEqual(await visibleTraces(page), before);
  await page.locator("summary").first().press("Enter");
  assert.equal(await page.locator("details[open] table").count(), 1);
  await page.context().close();
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

async function themes(browser: Browser, address: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page } = await openWatched(browser, address, { colorScheme });
    const texts = await textColors(page);
    assert.ok(texts.length > 300, `only ${texts.length} texts`);
    for (const { text, color, behind } of texts) {
      assert.ok(contrast(color, behind) >= 4.5, `${colorScheme}: ${text}: ${color} on ${behind}`);
    }
    await page.context().close();
  }
  const { page } = await openWatched(browser, address, { colorScheme: "light" });
  const paper = () =>
    page.evaluate(() => {
      const plot = document.querySelector(".plot .main-svg") as SVGElement;
      return [getComputedStyle(document.body).backgroundColor, plot.style.background];
    });
  const light = await paper();
  await page.locator("#theme").click();
  await page.locator("#theme").click();
  assert.equal(await page.locator("#theme").textContent(), "Theme: dark");
  await page.waitForTimeout(200);
  const dark = await paper();
  assert.notDeepEqual(dark, light);
  assert.equal(dark[1], dark[0], "charts have the page's own background");
  await page.context().close();
}

async function hostileNames(browser: Browser, address: string): Promise<void> {
  const { page, complaints } = await openWatched(browser, address);
  page.on("dialog", () => assert.fail("a script from a name ran"));
  assert.ok((await page.locator(".kicker").textContent())!.includes(HOSTILE));
  assert.equal(await page.locator(".switch .name").first().textContent(), HOSTILE);
  const legend = await page.locator("#training-loss-plot .legendtext").first().textContent();
  assert.ok(legend!.startsWith(`</script><script>alert(1)`), legend!);
  assert.equal(await page.locator(".kicker b, .switch b").count(), 0);
  assert.deepEqual(complaints, []);
  await page.context().close();
}

/** Opens the page at the first width and goes on to the others, as a window that is resized. */
async function fits(browser: Browser, address: string, widths: readonly number[]): Promise<void> {
  const { page } = await openWatched(browser, address, { viewport: { width: widths[0]!, height: 800 } });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    await page.waitForTimeout(300);
    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(widest <= width, `the page is ${widest} pixels wide at ${width}`);
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll(".plot")].filter((plot) => {
        const box = plot.getBoundingClientRect();
        return [...plot.querySelectorAll(".xtitle, .ytitle, .xtick, .ytick, .legendtext")].some((text) => {
          const { left, right } = text.getBoundingClientRect();
          return left < box.left - 1 || right > box.right + 1;
        });
      }).map(({ id }) => id)
    );
    assert.deepEqual(outside, [], `titles are cut off at ${width}`);
  }
  await page.context().close();
}

async function prints(browser: Browser, address: string): Promise<void> {
  const { page, complaints } = await openWatched(browser, address, { colorScheme: "dark" });
  const pdf = Buffer.from(await page.pdf({ format: "A4" }));
  assert.equal(pdf.subarray(0, 5).toString("latin1"), "%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(pages >= 3 && pages <= 12, `${pages} pages`);
  await page.emulateMedia({ media: "print" });
  await page.waitForTimeout(300);
  const printed = await page.evaluate(() => ({
    paper: getComputedStyle(document.documentElement).getPropertyValue("--paper").trim(),
    chart: (document.querySelector(".plot .main-svg") as SVGElement).style.background,
    bars:
      [...document.querySelectorAll(".bar, details, .modebar-container")].filter((one) =>
        one.checkVisibility()
      ).length,
  }));
  assert.equal(printed.paper, "#fdfcfa");
  assert.equal(printed.chart, "rgb(253, 252, 250)");
  assert.equal(printed.bars, 0, "tools are printed");
  assert.deepEqual(complaints, []);
  await page.context().close();
}
