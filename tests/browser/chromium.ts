/// <reference lib="dom" />
import type { Browser, BrowserContext, Page } from "playwright-core";
import { LONG } from "../support/long.ts";
import { launch, launchLight } from "./launch.ts";

/** What a page is opened with. */
export interface Look {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
}

let started: Promise<Browser> | null = null;
let shared: Promise<BrowserContext> | null = null;

/** The one browser of all tests of a thread, without network; `deno task test:long` takes it as users have it. */
export function browser(): Promise<Browser> {
  return started ??= LONG ? launch() : launchLight();
}

/** The one window of all tests of a thread. */
function sharedWindow(): Promise<BrowserContext> {
  return shared ??= (async () => {
    const window = await (await browser()).newContext();
    // A machine that does other things too may take long.
    window.setDefaultTimeout(120_000);
    // A page of the site that files are stays open, and with it their process.
    await (await window.newPage()).goto(new URL(".", import.meta.url).href);
    return window;
  })();
}

// A lane, or a file that is run alone, ends with its last test.
Deno.test.afterAll(async () => {
  await (await started)?.close();
  started = shared = null;
});

/**
 * An empty page in the one window that tests share: a context of its own would be a window, which costs as much as what
 * most pages are opened for. The user closes the page.
 */
export async function openTab(
  { colorScheme = "light", viewport = { width: 1280, height: 720 } }: Look = {},
): Promise<Page> {
  const page = await (await sharedWindow()).newPage();
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  return page;
}

/** An empty page as on a phone that is touched, in the shared window. The user closes the page. */
export async function openPhone(): Promise<Page> {
  const page = await (await sharedWindow()).newPage();
  const session = await page.context().newCDPSession(page);
  const screen = { width: 390, height: 844, deviceScaleFactor: 1, mobile: true };
  await session.send("Emulation.setDeviceMetricsOverride", screen);
  await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  return page;
}

/** An empty page that runs no scripts, in the shared window. The user closes the page. */
export async function openWithoutScript(): Promise<Page> {
  const page = await (await sharedWindow()).newPage();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setScriptExecutionDisabled", { value: true });
  return page;
}

/** A page and everything that it said or asked for. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught exceptions, and dialogs. */
  readonly complaints: string[];
  /** Addresses of all requests, the page's own first. */
  readonly requests: string[];
}

/** After the next frame, and all that was to be drawn in it. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Opens an address in a tab of its own, or the page given, and waits until every figure in sight is drawn. */
export async function openWatched(address: string, look: Look = {}, tab = openTab(look)): Promise<Watched> {
  const page = await tab;
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning", "assert"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address, { waitUntil: "load" });
  // A page's program first draws in a frame, which may come after the load event.
  await nextFrame(page);
  await allDrawn(page);
  return { page, complaints, requests };
}

/** Opens every section, or those that hold the elements named, and waits until their figures are drawn. */
export async function unfold(page: Page, ids: readonly string[] | null = null): Promise<void> {
  await page.evaluate((ids) => {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>("details.fold")) {
      if (ids === null || ids.some((id) => fold.contains(document.getElementById(id)))) fold.open = true;
    }
  }, ids);
  await allDrawn(page);
}

/** Runs checks again until they pass, for a minute at most: charts are drawn a moment after what causes it. */
export async function eventually(checks: () => Promise<void>): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await checks();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function allDrawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const plots = [...document.querySelectorAll(".plot")].filter((plot) => plot.checkVisibility());
      return plots.every((plot) => plot.querySelector("svg.main-svg") !== null);
      // Asked at every frame, the default, a page that is busy drawing spends its time on frames.
    },
    undefined,
    { polling: 100 },
  );
}
