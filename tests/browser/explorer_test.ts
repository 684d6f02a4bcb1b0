/// <reference lib="dom" />
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { assets } from "#report/page/assets.ts";
import { renderPage } from "#report/render/html.ts";
import { composeTheoryReport } from "#report/compose/theory.ts";
import { stationaryVariance } from "#theory/quadratic.ts";
import { runStudy } from "#theory/study.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { browser, nextFrame, openPhone, openWatched } from "./chromium.ts";
import { dragByMouse, dragByTouch, median, redrawTimes } from "./redraws.ts";

const study = runStudy(exercise.settings, 1);

/** Shares of a slider's length, forth and back. */
const wave = (count: number) => Array.from({ length: count }, (_, index) => 0.5 - 0.4 * Math.cos(index / 4));
const SLIDERS = LONG
  ? { rate: 25, warmup: 6, decay: 6, momentum: 6, curvature: 6, noise: 6, step: 6 }
  : { rate: 10, decay: 6, step: 6 };
/** A frame at 60 a second, in milliseconds; three beside programs that share the processor's caches and threads. */
const FRAME = LONG ? 16 : 48;

Deno.test("exercise 0's page moves in Chromium", await requires("chromium"), async (t) => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/report.html`;
  await Deno.writeTextFile(path, await renderPage(composeTheoryReport(summary()), assets));
  const address = pathToFileURL(path).href;
  try {
    const { page, complaints, requests } = await openWatched(address, {
      viewport: { width: 1280, height: 900 },
    });
    await t.step(
      "it begins at the exercise's own figures, and shows those of its schedules",
      () => figures(page),
    );
    await t.step("a mouse that drags a slider redraws within a frame", () => mouse(page));
    await t.step("keys move a slider by one place, and to its ends", () => keyboard(page));
    await t.step("a drag over the schedule chooses the step of the distribution", () => scrub(page));
    await t.step("a rate past the limit diverges, in words and without a fault", () => diverges(page));
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, [address]);
    await page.close();
    await t.step("a finger drags a slider on a phone, and nothing overflows", () => touch(address));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function summary() {
  const provenance = {
    at: "2026-01-02T03:04:05Z",
    command: "deno task exercise 0",
    commit: null,
    versions: {},
    wall_s: 1,
  };
  return {
    version: 2 as const,
    kind: "theory" as const,
    name: "Theory",
    introduction: exercise.introduction,
    provenance,
    answers: [],
    study,
  };
}

/** A figure in full, after the next frame. */
async function figure(page: Page, name: string): Promise<number> {
  await nextFrame(page);
  return Number(await page.locator(`.explorer-figures [data-name="${name}"]`).getAttribute("data-value"));
}

const slider = (page: Page, name: string) => page.locator(`.explorer input[name="${name}"]`);
const choose = (page: Page, name: string, label: string) =>
  page.locator(`.explorer select[name="${name}"]`).selectOption({ label });

async function figures(page: Page): Promise<void> {
  const constant = study.trajectories[0]!;
  assert.equal(await figure(page, "error"), constant.exact.at(-1));
  for (const { name, exact, averageFrom } of study.trajectories) {
    if (averageFrom !== null) continue;
    await choose(page, "schedule", name);
    assert.equal(await figure(page, "error"), exact.at(-1), name);
  }
  await page.locator(".explorer button", { hasText: "Reset" }).click();
  const { curvature } = study.problem;
  const { rate } = study.floors.find(({ momentum, sharpness }) => momentum === 0 && sharpness === 0.5)!;
  assert.equal(await figure(page, "sharpness"), rate * curvature);
  await choose(page, "landscape", "round bowl");
  // Both directions of the bowl settle at ½h times the variance that the exercise has.
  const floor = 2 * 0.5 * curvature * stationaryVariance(study.problem, rate);
  assert.ok(Math.abs(await figure(page, "floor") / floor - 1) < 1e-12);
  await choose(page, "landscape", "narrow valley");
}

async function mouse(page: Page): Promise<void> {
  // A browser compiles a function for speed after its first calls.
  await dragByMouse(page, slider(page, "noise"), wave(12));
  for (const [name, count] of Object.entries(SLIDERS)) {
    const before = await page.locator(".explorer-grid").innerHTML();
    const { wall, cpu } = await redrawTimes(
      await browser(),
      page,
      () => dragByMouse(page, slider(page, name), wave(count)),
    );
    assert.ok(wall.length >= count / 2, `${wall.length} redraws of ${name}`);
    assert.notEqual(await page.locator(".explorer-grid").innerHTML(), before, name);
    // By the processor's time: the clock also counts what other programs take.
    assert.ok(median(cpu) < FRAME, `${name}: ${median(cpu)} ms`);
    console.log(
      `${name}: ${wall.length} redraws, median ${median(wall).toFixed(1)} ms (processor ${
        median(cpu).toFixed(1)
      }), worst ${wall.at(-1)!.toFixed(1)} (${cpu.at(-1)!.toFixed(1)})`,
    );
    await page.locator(".explorer button", { hasText: "Reset" }).click();
  }
}

async function keyboard(page: Page): Promise<void> {
  const decay = slider(page, "decay");
  await decay.focus();
  await page.keyboard.press("End");
  assert.equal(await decay.getAttribute("aria-valuetext"), "100 %");
  const decayed = await figure(page, "error");
  assert.ok(decayed < study.trajectories[0]!.exact.at(-1)! / 5, `${decayed}`);
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await decay.inputValue(), "1000");
  // Warmup takes its part of the run from the decay.
  await slider(page, "warmup").focus();
  await page.keyboard.press("End");
  assert.equal(await decay.getAttribute("aria-valuetext"), "0 %");
  assert.match(await page.locator(".explorer .spec").textContent() ?? "", /warmup: 100%, .+ decay: 0%/);
  await page.locator(".explorer button", { hasText: "Reset" }).click();
}

async function scrub(page: Page): Promise<void> {
  const { x, y, width, height } = (await page.locator(".panel.rate svg").boundingBox())!;
  await page.mouse.move(x + 0.8 * width, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + height / 2, { steps: 5 });
  await page.mouse.up();
  const step = Number(await slider(page, "step").getAttribute("aria-valuetext"));
  assert.ok(step > 1 && step < 60, `step ${step}`);
  const { curve } = study.trajectories[0]!;
  const index = curve.steps.indexOf(step);
  if (index >= 0) assert.equal(await figure(page, "error"), curve.error[index]);
  await page.locator(".explorer button", { hasText: "Reset" }).click();
}

async function diverges(page: Page): Promise<void> {
  await slider(page, "rate").focus();
  await page.keyboard.press("End");
  assert.equal(await figure(page, "sharpness"), 4);
  assert.match(
    await page.locator(".explorer-figures").textContent() ?? "",
    /none: it diverges.*4 of 2: SGD diverges/,
  );
  await page.locator(".explorer button", { hasText: "Reset" }).click();
}

async function touch(address: string): Promise<void> {
  const { page, complaints } = await openWatched(address, {}, openPhone());
  const before = await figure(page, "error");
  await dragByTouch(page, slider(page, "noise"), [0.34, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  const value = Number(await slider(page, "noise").getAttribute("aria-valuetext"));
  assert.ok(value > 2 && value <= 3, `noise ${value}`);
  assert.ok(await figure(page, "error") > 3 * before);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the page is ${width} pixels wide`);
  assert.deepEqual(complaints, []);
  assert.ok(await page.evaluate(() => matchMedia("(pointer: coarse)").matches), "not as on a phone");
  await page.close();
}
