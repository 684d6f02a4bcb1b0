/// <reference lib="dom" />
import assert from "node:assert/strict";
import { join } from "node:path";
import { requires } from "../support/requires.ts";
import { openTab } from "./chromium.ts";
import { open, serve, specOf } from "./served.ts";

Deno.test("a page that is open at the end becomes the report", await requires("chromium"), async () => {
  const folder = await Deno.makeTempDir();
  const spec = join(folder, "spec.yaml");
  await Deno.writeTextFile(spec, specOf(40));
  try {
    const out = join(folder, "out");
    // Before the study, which doesn't wait for a browser to start.
    const tab = openTab({ viewport: { width: 390, height: 800 } });
    await tab;
    const { address, ended } = await serve("train", [
      spec,
      "--out",
      out,
      "--backend",
      "wasm",
      "--threads",
      "1",
    ]);
    const { page, complaints } = await open(address, {}, tab);
    await page.waitForSelector("#arms .fold, section#arms");
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(await page.locator("h1").textContent() ?? "", /“<b>cosine<\/b>”/);
    assert.equal(await page.locator(".notice.partial, #live-text").count(), 0);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    assert.deepEqual(complaints, []);
    await page.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
