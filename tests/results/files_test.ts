import assert from "node:assert/strict";
import { FileError, type ResultFile } from "#results/file.ts";
import { rangeTestFile } from "#results/lr_range.ts";
import { originFile } from "#results/origin.ts";
import { plansFile, runFile } from "#results/run.ts";
import { summaryFile } from "#results/summary.ts";
import { sweepFile } from "#results/sweep.ts";
import { theoryFile } from "#results/theory.ts";

/** Folders that version 1 of the lab wrote (commit 23a07d0), without weights and pages. */
const VERSION_1 = new URL("version_1/", import.meta.url);

const textOf = (path: string) => Deno.readTextFile(new URL(path, VERSION_1));

const FILES: readonly [path: string, file: ResultFile][] = [
  ["experiment/summary.json", summaryFile],
  ["experiment/origin.json", originFile],
  ["experiment/runs/restarts-1/run.json", runFile],
  ["experiment/plan.json", plansFile],
  ["sweep/sweep.json", sweepFile],
  ["range-test/range-test.json", rangeTestFile],
  ["theory/summary.json", theoryFile],
];

for (const [path, file] of FILES) {
  Deno.test(`version 1 of ${path} is read as version 2, with every figure`, async () => {
    const text = await textOf(path);
    const data = file.read(text, path);
    // Cells of a spec's sweep were indices and are values: swept_cells_test.ts has these.
    const without = (whole: object) => numbersOf({ ...whole, version: 2, sweep: null });
    assert.deepEqual(without(Object(data)), without(JSON.parse(text)));
    assert.deepEqual(
      file.read(JSON.stringify(data), path),
      data,
      "what was read can be written and read again",
    );
  });

  Deno.test(`${path}: a newer version, another file and half a file are refused in words`, async () => {
    const text = await textOf(path);
    const refused = (changed: string, message: RegExp) =>
      assert.throws(
        () => file.read(changed, "runs/a/b.json"),
        (error) => error instanceof FileError && message.test(error.message),
      );
    refused(text.slice(0, -10), /^Cannot read runs\/a\/b\.json: it is damaged \(.*JSON/);
    refused("{}", /^Cannot use runs\/a\/b\.json: at version: expected 1 or 2, received nothing$/);
    refused("null", /at version: expected 1 or 2/);
    const data = JSON.parse(text);
    refused(
      JSON.stringify({ ...data, version: 3 }),
      /it was written by a newer version of the lab \(file version 3;/,
    );
    refused(JSON.stringify({ version: 1 }), /^Cannot use runs\/a\/b\.json: at \w+: expected /);
  });
}

Deno.test("keys of version 1 have their new names, and those of specs and values stay", async () => {
  const summary = summaryFile.read(await textOf("experiment/summary.json"), "summary.json");
  assert.equal(summary.provenance.spec_digest.length, 64);
  const [bursting] = summary.diagnostics!.filter(({ arm }) => arm === "bursting");
  assert.equal(bursting!.suggestions.length, 3);
  assert.equal(bursting!.suggestions[0]!.spec["name"], "tiny, bursting: a warmup over 15 % of the run");
  const sweep = sweepFile.read(await textOf("sweep/sweep.json"), "sweep.json");
  assert.equal(sweep.spent.steps, 16);
  const theory = theoryFile.read(await textOf("theory/summary.json"), "summary.json");
  assert.equal(theory.study.trajectorySteps, 1024);
  assert.deepEqual(theory.study.trajectories[0]!.steps, [1, 2, 4, 8]);
});

Deno.test("a place deep in a file is named with what was expected there", async () => {
  const data = JSON.parse(await textOf("experiment/summary.json"));
  data.arms[1].runs[0].final.test_accuracy = "high";
  assert.throws(
    () => summaryFile.check(data, "a/summary.json"),
    {
      message:
        "Cannot use a/summary.json: at arms[1].runs[0].final.test_accuracy: expected number, received string",
    },
  );
});

/** Every number of the data in rising order: renaming keys must lose none. */
function numbersOf(data: unknown): number[] {
  const found: number[] = [];
  JSON.stringify(data, (_key, value) => {
    if (typeof value === "number") found.push(value);
    return value;
  });
  return found.sort((a, b) => a - b);
}
