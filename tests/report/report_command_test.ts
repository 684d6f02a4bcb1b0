import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { experimentFolder } from "../support/experiment_folder.ts";

async function remove(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true });
}

Deno.test("a report is built again from what lies on disk, and is the same each time", async () => {
  const folder = await experimentFolder({ diverged: { arm: 2, seed: 1 } });
  const page = join(folder, "report.html");
  const first = await cli("report", [folder]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout.replaceAll("\n", " "), /constant rate\? Yes, as expected: \+\d+\.\d points/);
  assert.ok(first.stdout.includes(`Report: ${page}`));
  const text = await Deno.readTextFile(page);
  assert.match(text, /^<!doctype html>/);
  assert.ok(text.includes("“step ×0.2” with seed 1 diverged"));
  const second = await inProcess("report", [folder, "--format", "json"]);
  assert.equal(JSON.parse(second.stdout).folder, folder);
  assert.equal(await Deno.readTextFile(page), text);
  await remove(folder);
});

Deno.test("a run that was cut off in the middle of a line is drawn as far as it came", async () => {
  const folder = await experimentFolder();
  const events = join(folder, "runs", "0-1", "events.jsonl");
  const text = await Deno.readTextFile(events);
  await Deno.writeTextFile(events, text.slice(0, Math.floor(text.length / 2)));
  const ran = await inProcess("report", [folder]);
  assert.equal(ran.code, 0, ran.stderr);
  await remove(folder);
});

Deno.test("without its runs an experiment still has a report, of its summary alone", async () => {
  const folder = await experimentFolder();
  await Deno.remove(join(folder, "runs"), { recursive: true });
  const ran = await inProcess("report", [folder]);
  assert.equal(ran.code, 0, ran.stderr);
  const page = await Deno.readTextFile(join(folder, "report.html"));
  assert.ok(!page.includes('id="training-loss"') && page.includes('id="sensitivity"'));
  await remove(folder);
});

Deno.test("what is no experiment is refused in one message, and nothing is written", async () => {
  const folder = await Deno.makeTempDir();
  const summary = join(folder, "summary.json");
  const refusals: [content: string | null, message: RegExp][] = [
    [null, /has no summary\.json\. Name the folder of an experiment/],
    ["{ not json", /Cannot read .*summary\.json: .*JSON/],
    ["null", /at version: expected 1 or 2/],
    ['{"version":2}', /at name: expected string/],
  ];
  for (const [content, message] of refusals) {
    if (content !== null) await Deno.writeTextFile(summary, content);
    const { code, stdout, stderr } = await inProcess("report", [folder]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^\s+at /m, "a stack trace");
  }
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["summary.json"]);
  const none = await inProcess("report", [join(folder, "none")]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /has no summary\.json/);
  await remove(folder);
});
