/// <reference lib="dom" />
import assert from "node:assert/strict";
import { join } from "node:path";
import { requires } from "../support/requires.ts";
import { openTab } from "./chromium.ts";
import { open, serve, specOf } from "./served.ts";

/** A schedule that holds its run up while there is a file `hold` beside it. */
const HELD = `const hold = new URL("./hold", import.meta.url);
const cell = new Int32Array(new SharedArrayBuffer(4));
function isHeld() {
  try {
    return Deno.statSync(hold).isFile;
  } catch {
    return false;
  }
}
export const schedule = () => {
  while (isHeld()) Atomics.wait(cell, 0, 0, 20);
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
    // Once the study is under way its end waits for the page, however slow the machine is.
    const opening = open(address, {}, tab);
    const begun = () =>
      Deno.stat(join(out, "runs", "constant-1", "events.jsonl")).then(() => true, () => false);
    while (!await begun()) await new Promise((resolve) => setTimeout(resolve, 10));
    await Deno.writeTextFile(join(folder, "hold"), "");
    const { page, complaints } = await opening;
    await connects;
    await Deno.remove(join(folder, "hold"));
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
