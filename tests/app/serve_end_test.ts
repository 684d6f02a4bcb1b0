import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("a page that was sent just before the end still gets the report", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { stdout, status } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "-A", "tests/support/served_study.ts"],
    cwd: root,
    stdout: "piped",
  }).spawn();
  const lines = stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const address = String((await lines.next()).value).trim().replace(/#.*/, "");
  assert.equal(await (await fetch(address)).text(), "the live page");
  // The study has ended by now; a browser would be reading the page.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const events = await fetch(`${address}events`);
  const { value } = await events.body!.pipeThrough(new TextDecoderStream()).getReader().read();
  assert.match(String(value), /event: over/);
  assert.equal(await (await fetch(address)).text(), "the report");
  assert.match(String((await lines.next()).value), /over/);
  assert.equal((await status).code, 0);
});
