import { type Browser, chromium } from "playwright-core";
import { chromiumPath, lightChromiumPath } from "../support/requires.ts";

const FLAGS = [
  // One process for all pages of a site: another would parse and compile Plotly once more, which takes seconds.
  "--process-per-site",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser of its own, without network. */
export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath: chromiumPath(), headless: true, args: FLAGS });
}

/** The same engine with less around it. */
export async function launchLight(): Promise<Browser> {
  return await chromium.launch({ executablePath: lightChromiumPath(), headless: true, args: FLAGS });
}
