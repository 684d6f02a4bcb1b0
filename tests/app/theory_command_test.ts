import assert from "node:assert/strict";
import { join } from "node:path";
import type { TheorySummary } from "#theory/summary.ts";
import { cli } from "../support/cli.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("exercise 0 writes a report and a summary, and prints claims with their verdicts", () =>
  inFolder(async (folder) => {
    const out = join(folder, "theory");
    const { code, stdout, stderr } = await cli("exercise", ["0", "--out", out]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /Of 13 claims about noise and rates 7 hold and 6 do not/);
    assert.match(stdout, /^x Does 1\/√t meet both\?\n {4}contradicted: each doubling adds 1\.00 times/m);
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
    assert.equal(summary.made.command, "deno task exercise 0");
  }));

Deno.test("--format json is the summary alone, the same figures for the same seed, others for another", () =>
  inFolder(async (folder) => {
    const run = async (name: string, ...args: string[]) => {
      const ran = await cli("exercise", ["0", "--out", join(folder, name), "--format", "json", ...args]);
      assert.equal(ran.code, 0, ran.stderr);
      return JSON.parse(ran.stdout) as TheorySummary & { folder: string };
    };
    const [first, again, other] = [await run("a"), await run("b"), await run("c", "--seeds", "7-7")];
    assert.equal(first.folder, join(folder, "a"));
    assert.deepEqual(again.answers, first.answers);
    assert.deepEqual(again.study, first.study);
    assert.notEqual(other.study.floors[0]!.measured.value, first.study.floors[0]!.measured.value);
    assert.equal(other.made.command, "deno task exercise 0 --seeds 7-7");
  }));

Deno.test("options that mean nothing here are told of; several seeds are refused and nothing is written", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    const several = await cli("exercise", ["0", "--out", out, "--seeds", "1-3"]);
    assert.equal(several.code, 2);
    assert.match(
      several.stderr,
      /simulates with one seed, but --seeds names 3; give one, such as --seeds 7-7/,
    );
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
    const idle = await cli("exercise", ["0", "--out", out, "--profile", "quick", "--backend", "wasm"]);
    assert.equal(idle.code, 0);
    assert.equal(idle.stderr, "Exercise 0 trains nothing, so --profile, --backend have no effect\n");
  }));

Deno.test("a folder is computed again with --resume alone, and never another experiment's", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    const run = (...args: string[]) => cli("exercise", ["0", "--out", out, ...args]);
    assert.equal((await run()).code, 0);
    const taken = await run();
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /not empty, and nothing is overwritten/);
    assert.equal((await run("--resume")).code, 0);
    await Deno.writeTextFile(join(out, "spec.yaml"), "name: mine\n");
    const before = await Deno.readTextFile(join(out, "summary.json"));
    const foreign = await run("--resume");
    assert.equal(foreign.code, 2);
    assert.match(foreign.stderr, /holds another experiment/);
    assert.equal(await Deno.readTextFile(join(out, "summary.json")), before);
  }));

Deno.test("report makes the same page again, lists exercise 0 and compares it with nothing", () =>
  inFolder(async (folder) => {
    const out = join(folder, "runs", "theory");
    assert.equal((await cli("exercise", ["0", "--out", out])).code, 0);
    const page = join(out, "report.html");
    const before = await Deno.readTextFile(page);
    await Deno.remove(page);
    const again = await cli("report", [out]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /Of 13 claims about noise and rates 7 hold/);
    assert.equal(await Deno.readTextFile(page), before);

    const index = await cli("report", ["--index", join(folder, "runs"), "--format", "json"]);
    assert.equal(index.code, 0, index.stderr);
    const [entry] = JSON.parse(index.stdout) as { report: string; finding: string }[];
    assert.equal(entry!.report, page);
    assert.match(entry!.finding, /^7 supported, /);

    for (
      const [args, message] of [
        [[out, folder], /it is of another kind \(theory\)/],
        [[out, "--csv", join(folder, "csv")], /Exercise 0 has no runs for --csv/],
      ] as const
    ) {
      const refused = await cli("report", args);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, message);
    }
  }));

Deno.test("a summary of exercise 0 that was changed by hand is refused where it is wrong", () =>
  inFolder(async (folder) => {
    const out = join(folder, "theory");
    const { stdout } = await cli("exercise", ["0", "--out", out, "--format", "json"]);
    const { folder: _, ...summary } = JSON.parse(stdout);
    const wrong: [change: Record<string, unknown>, message: RegExp][] = [
      [{ answers: "<script>" }, /summary\.json: at answers: /],
      [{ study: { ...summary.study, courses: [{ name: 7 }] } }, /at study\.courses\[0\]\.name: /],
      [
        { study: { ...summary.study, floors: [{ ...summary.study.floors[0], momentum: 1 }] } },
        /floors\[0\]\.momentum/,
      ],
      [{ version: 2 }, /not a summary of version 1/],
    ];
    for (const [change, message] of wrong) {
      await Deno.writeTextFile(join(out, "summary.json"), JSON.stringify({ ...summary, ...change }));
      const ran = await cli("report", [out]);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
      assert.doesNotMatch(ran.stderr, /^\s+at file/m);
    }
  }));
