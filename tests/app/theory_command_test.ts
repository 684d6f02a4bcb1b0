import assert from "node:assert/strict";
import { join } from "node:path";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { runStudy } from "#theory/study.ts";
import type { TheorySummary } from "#results/theory.ts";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A folder as exercise 0 leaves it; the simulation is the same each time, so it is written without a process. */
async function made(folder: string, change: Record<string, unknown> = {}): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const summary: TheorySummary = {
    version: 2,
    kind: "theory",
    name: "Theory",
    introduction: exercise.introduction,
    provenance: {
      at: "2026-01-02T03:04:05Z",
      command: "deno task exercise 0",
      commit: null,
      versions: {},
      wall_s: 1,
    },
    answers: [{
      question: "Is it <b>?",
      hypothesis: "Yes",
      verdict: "supported",
      effect: 1,
      interval: null,
      finding: "1",
      text: "",
    }],
    study,
  };
  await Deno.writeTextFile(join(folder, "summary.json"), JSON.stringify({ ...summary, ...change }));
  return folder;
}

const study = runStudy(exercise.settings, 1);

Deno.test("exercise 0 writes a report and a summary, prints claims with their verdicts, and spares the folder", () =>
  inFolder(async (folder) => {
    const out = join(folder, "theory");
    const { code, stdout, stderr } = await cli("exercise", ["0", "--out", out]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /13 claims about noise and learning rates: 7 supported, 6 contradicted/);
    assert.match(stdout, /^x contradicted {2}Does 1\/√t meet both\? \(expected: yes\)$/m);
    assert.ok(stdout.endsWith(`Report: ${join(out, "report.html")}\n`));
    assert.ok(stdout.split("\n").every((line) => line.length <= 80 || line.startsWith("Report: ")));
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.match(page, /^<!doctype html>/);
    for (const id of ["floor-variance", "distribution-2", "sum-rates", "block-squares", "error"]) {
      assert.ok(page.includes(`<figure id="${id}"`), id);
    }
    const summary = JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as TheorySummary;
    assert.equal(summary.kind, "theory");
    assert.equal(summary.answers.length, 13);
    assert.equal(summary.provenance.command, "deno task exercise 0");
    // Another process, the same seed: the same figures.
    assert.deepEqual(summary.study, study);

    const taken = await inProcess("exercise", ["0", "--out", out]);
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /not empty, and nothing is overwritten/);
    const again = await inProcess("exercise", ["0", "--out", out, "--resume", "--verbose"]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(
      again.stdout,
      /^x Does 1\/√t meet both\?\n {4}expected: .+\n {4}contradicted: each doubling adds 1\.00 times/m,
    );
    assert.ok(again.stdout.split("\n").every((line) => line.length <= 80 || line.startsWith("Report: ")));
    await Deno.writeTextFile(join(out, "spec.yaml"), "name: mine\n");
    const foreign = await inProcess("exercise", ["0", "--out", out, "--resume"]);
    assert.equal(foreign.code, 2);
    assert.match(foreign.stderr, /holds another experiment/);
  }));

Deno.test("--format json is the summary alone; another seed gives other figures; idle options are told of", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    const several = await inProcess("exercise", ["0", "--out", out, "--seeds", "1-3"]);
    assert.equal(several.code, 2);
    assert.match(
      several.stderr,
      /simulates with one seed, but --seeds names 3; give one, such as --seeds 7-7/,
    );
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);

    const options = ["--format", "json", "--seeds", "7-7", "--profile", "quick", "--backend", "wasm"];
    const { code, stdout, stderr } = await cli("exercise", ["0", "--out", out, ...options]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "Exercise 0 trains nothing, so --profile, --backend have no effect\n");
    const summary = JSON.parse(stdout) as TheorySummary & { folder: string };
    assert.equal(summary.folder, out);
    assert.equal(summary.provenance.command, "deno task exercise 0 --seeds 7-7");
    assert.notEqual(summary.study.floors[0]!.measured.value, study.floors[0]!.measured.value);
  }));

Deno.test("report makes the page from the summary alone, lists exercise 0 and compares it with nothing", () =>
  inFolder(async (folder) => {
    const runs = join(folder, "runs");
    const [one, other] = [await made(join(runs, "one")), await made(join(runs, "other"))];
    const ran = await inProcess("report", [one]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /1 claim about noise and learning rates: 1 supported/);
    const page = await Deno.readTextFile(join(one, "report.html"));
    assert.ok(page.includes("Is it &#60;b&#62;?") && page.includes('<figure id="error"'));

    const index = await inProcess("report", ["--index", runs, "--format", "json"]);
    assert.equal(index.code, 0, index.stderr);
    const entries = JSON.parse(index.stdout) as { kind: string; report: string | null }[];
    assert.deepEqual(
      entries.map(({ kind, report }) => [kind, report]),
      [["theory", join(one, "report.html")], ["theory", null]],
    );
    assert.match(await Deno.readTextFile(join(runs, "index.html")), /1 supported/);

    for (
      const [args, message] of [
        [[one, other], /it is of another kind \(theory\)/],
        [[one, "--csv", join(folder, "csv")], /Exercise 0 has no runs for --csv/],
      ] as const
    ) {
      const refused = await inProcess("report", args);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, message);
    }
  }));

Deno.test("a summary of exercise 0 that was changed by hand is refused where it is wrong", () =>
  inFolder(async (folder) => {
    const wrong: [change: Record<string, unknown>, message: RegExp][] = [
      [{ answers: "<script>" }, /summary\.json: at answers: /],
      [{ study: { ...study, trajectories: [{ name: 7 }] } }, /at study\.trajectories\[0\]\.name: /],
      [{ study: { ...study, floors: [{ ...study.floors[0], momentum: 1 }] } }, /floors\[0\]\.momentum/],
      [{ version: 3 }, /written by a newer version of the lab/],
    ];
    for (const [change, message] of wrong) {
      const ran = await inProcess("report", [await made(folder, change)]);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
      assert.doesNotMatch(ran.stderr, /^\s+at file/m);
    }
  }));
