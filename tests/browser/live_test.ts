/// <reference lib="dom" />
import assert from "node:assert/strict";
import { join } from "node:path";
import { requires } from "../support/requires.ts";
import { openTab } from "./chromium.ts";
import { open, serve, specOf } from "./served.ts";

/** A schedule that holds its run up once the run has a record, until there is a file `go` beside it. */
const HELD = `const there = (path) => {
  try {
    return Deno.statSync(new URL(path, import.meta.url)).isFile;
  } catch {
    return false;
  }
};
const cell = new Int32Array(new SharedArrayBuffer(4));
export const schedule = () => {
  while (there("./out/runs/constant-1/events.jsonl") && !there("./go")) Atomics.wait(cell, 0, 0, 20);
  return 0.02;
};
`;

Deno.test("a page that is open at the end becomes the report", await requires("chromium"), async () => {
  const folder = await Deno.makeTempDir();
  const spec = join(folder, "spec.yaml");
  const held = specOf(40).replace("{ name: constant, lr: 0.02 }", "{ name: custom, module: ./held.ts }");
  await Deno.writeTextFile(spec, held);
  await Deno.writeTextFile(join(folder, "held.ts"), HELD);
  try {
    const out = join(folder, "out");
    const tab = openTab({ viewport: { width: 390, height: 800 } });
    const connects = (await tab).waitForRequest(/\/events$/, { timeout: 120_000 });
    const { address, ended } = await serve("train", [
      spec,
      "--out",
      out,
      "--backend",
      "wasm",
      "--threads",
      "1",
    ]);
    // The study is under way, and its end waits for the page, however slow the machine is.
    const { page, complaints } = await open(address, {}, tab);
    await connects;
    await Deno.writeTextFile(join(folder, "go"), "");
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
