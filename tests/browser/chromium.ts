/// <reference lib="dom" />
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../support/requires.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser of its own, without network; closed by `await using`. */
export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath: chromiumPath(), headless: true, args: FLAGS });
}

/** A page and everything that it said or asked for. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught exceptions, and dialogs. */
  readonly complaints: string[];
  /** Addresses of all requests, the page's own first. */
  readonly requests: string[];
}

/** Opens a page in a context of its own and waits until every figure in sight is drawn. */
export async function openWatched(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
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
  await allDrawn(page);
  return { page, complaints, requests };
}

/** Opens every section and waits until its figures are drawn. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>("details.fold")) fold.open = true;
  });
  await allDrawn(page);
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
