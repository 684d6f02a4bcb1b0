/// <reference lib="dom" />
import type { Browser, Locator, Page } from "playwright-core";
import { nextFrame } from "./chromium.ts";

/** Times of redraws in milliseconds, ascending. */
export interface RedrawTimes {
  /** As the page measures them: script and layout, by the clock. */
  readonly wall: readonly number[];
  /** Time of the processor in the same frames, which other programs do not lengthen. */
  readonly cpu: readonly number[];
}

interface TraceEvent {
  readonly name: string;
  readonly tdur?: number;
}

/** Measures the redraws of a page while something is done to it. */
export async function redrawTimes(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<RedrawTimes> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value as unknown as TraceEvent[]));
  await page.evaluate(() => performance.clearMeasures("redraw"));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["devtools.timeline"] },
  });
  await work();
  await page.waitForTimeout(100);
  const complete = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const wall = await page.evaluate(() =>
    performance.getEntriesByName("redraw").map(({ duration }) => duration)
  );
  const cpu = events.filter(({ name, tdur }) => name === "FireAnimationFrame" && tdur !== undefined)
    .map(({ tdur }) => tdur! / 1000).sort((a, b) => a - b);
  // Callbacks that only wait for a frame cost next to nothing.
  return { wall: wall.sort((a, b) => a - b), cpu: cpu.slice(-wall.length) };
}

export const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? NaN;

/** Drags a slider over part of its length and back, by the mouse. */
export async function dragByMouse(page: Page, slider: Locator, shares: readonly number[]): Promise<void> {
  await slider.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await slider.boundingBox())!;
  const at = (share: number) => [x + 8 + (width - 16) * share, y + height / 2] as const;
  await page.mouse.move(...at(shares[0]!));
  await page.mouse.down();
  for (const share of shares) {
    await page.mouse.move(...at(share));
    // A frame of its own for each place.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(null))));
  }
  await page.mouse.up();
}

/** The same by a finger. */
export async function dragByTouch(page: Page, slider: Locator, shares: readonly number[]): Promise<void> {
  await slider.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await slider.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", share: number) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: x + 8 + (width - 16) * share, y: y + height / 2 }],
    });
  await touch("touchStart", shares[0]!);
  for (const share of shares) await touch("touchMove", share);
  await touch("touchEnd", 0);
  await nextFrame(page);
  await session.detach();
}
