import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import { cli, spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: small <b>sweep</b>
dataset: { name: shapes-16, train: 96, validation: 40, test: 50 }
model: cnn-tiny
batch_size: 16
duration: 3 epochs
seeds: [1, 2]
arms:
  - { name: poly, schedule: { name: polynomial, lr: 0.05, duration: 100%, power: 1, end_lr: 0 } }
  - { name: tuned, schedule: { name: constant, lr: tuned } }
tune: { rates: [0.1, 0.2], seeds: [9] }
sweep: { over: { "arms[0].schedule.power": [1, 2] } }
`;
const AXES = ["--over", "arms[0].schedule.lr=0.01,0.1", "--over", "optimizer.weight_decay=log:1e-5..1e-2/3"];

async function inFolder(
  body: (paths: { folder: string; spec: string; out: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC);
    await body({ folder, spec, out: join(folder, "out") });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = async (out: string) =>
  JSON.parse(await Deno.readTextFile(join(out, "sweep.json"))) as SweepOutcome;
const records = async (out: string) =>
  new Map((await diskStore(out).records()).map((record) => [record.plan.id, record]));
Deno.test("a grid over two paths: folder, JSON, report; no run reads test data", () =>
  inFolder(async ({ spec, out }) => {
    const ran = await cli("sweep", [spec, ...AXES, "--out", out, "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const told = await read(out);
    assert.deepEqual({ ...told, folder: out }, JSON.parse(ran.stdout), "stdout is the outcome alone");
    assert.equal(told.complete, true);
    assert.deepEqual(told.axes.map(({ values }) => values), [[0.01, 0.1], [1e-5, 0.000316, 0.01]]);
    assert.deepEqual(told.cells.map(({ runs }) => runs.length), Array(6).fill(2));
    assert.deepEqual(told.spent, { runs: 12, steps: 12 * 18, images: 12 * 18 * 16 });
    assert.ok(
      told.provenance.command.includes("'arms[0].schedule.lr=0.01,0.1'") &&
        !told.provenance.command.includes("--out"),
    );
    const all = await records(out);
    assert.equal(all.size, 12);
    for (const { plan, events } of all.values()) {
      assert.ok(!events.some((event) => event.kind === "eval" && event.split === "test"), plan.id);
    }
    const first = all.get("cell-1-2")!;
    assert.equal(first.plan.optimizer.weight_decay, 1e-5);
    assert.equal(first.plan.schedule["lr"], 0.01);
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.ok(
      page.includes("small &#60;b&#62;sweep") && !page.includes("small <b>"),
      "the name is not escaped",
    );

    // Its report is made again from sweep.json, the same; a damaged one is refused.
    const report = await inProcess("report", [out, "--format", "json"]);
    assert.equal(report.code, 0, report.stderr);
    assert.deepEqual(JSON.parse(report.stdout), { ...told, folder: out });
    assert.equal(await Deno.readTextFile(join(out, "report.html")), page);
    const text = await Deno.readTextFile(join(out, "sweep.json"));
    await Deno.writeTextFile(join(out, "sweep.json"), text.replace(`"cells": [`, `"cells": [7,`));
    const damaged = await inProcess("report", [out]);
    assert.equal(damaged.code, 2);
    assert.match(damaged.stderr, /Cannot use .*sweep\.json: at cells\[0\]: .*expected object/);
    await Deno.writeTextFile(join(out, "sweep.json"), text);

    // The same request goes on, another one does not, and nothing is overwritten.
    const again = await inProcess("sweep", [spec, ...AXES, "--out", out, "--resume"]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /in the best region: 0\.01 to 0\.1/);
    assert.deepEqual(await records(out), all);
    const other = await inProcess("sweep", [spec, ...AXES, "--seeds", "3-5", "--out", out, "--resume"]);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /holds another sweep/);
    assert.equal((await inProcess("sweep", [spec, ...AXES, "--out", out])).code, 2);
  }));

Deno.test("halving trains each rung anew for its own length; the spec's own sweep is the default of --over", () =>
  inFolder(async ({ spec, out, folder }) => {
    const halving = ["--method", "halving", "--eta", "2", "--samples", "4", "--seeds", "1-1"];
    const ran = await inProcess("sweep", [
      spec,
      "--over",
      "arms[0].schedule.lr=log:1e-3..1e-1",
      ...halving,
      "--out",
      out,
    ]);
    assert.equal(ran.code, 0, ran.stderr);
    const told = await read(out);
    assert.deepEqual(told.rungs.map(({ cells, steps }) => [cells.length, steps]), [[4, 36], [2, 36]]);
    assert.equal(told.cells.filter(({ rung }) => rung === 2).length, 2);
    // The rate of a polynomial ends at 0 with the run, in a short rung too.
    const [short] = [...(await records(out)).values()].filter(({ plan }) => plan.id.startsWith("rung-1-"));
    const rates = short!.events.flatMap((event) => event.kind === "step" ? event.lr : []);
    assert.equal(rates.length, 9);
    assert.ok(rates.at(-1)! < rates[0]! / 8);

    const own = await inProcess("sweep", [spec, "--out", join(folder, "own"), "--seeds", "1-1"]);
    assert.equal(own.code, 0, own.stderr);
    assert.deepEqual((await read(join(folder, "own"))).axes.map(({ path }) => path), [
      "arms[0].schedule.power",
    ]);
  }));

Deno.test("Ctrl-C keeps what was measured, with a report that says it is partial", () =>
  inFolder(async ({ spec, out }) => {
    await Deno.writeTextFile(spec, SPEC.replace("duration: 3 epochs", "duration: 15 epochs"));
    const child = await spawn("sweep", [spec, ...AXES, "--out", out, "--jobs", "1"]);
    const ended = child.output();
    const begun = () =>
      Deno.stat(join(out, "runs", "cell-1-1", "events.jsonl")).then(({ size }) => size > 0, () => false);
    while (!await begun()) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130, new TextDecoder().decode(stderr));
    assert.equal((await read(out)).complete, false);
    assert.match(await Deno.readTextFile(join(out, "report.html")), /Partial report\./);
  }));

Deno.test("what cannot be swept is refused with code 2 before anything is written", () =>
  inFolder(async ({ spec, out }) => {
    const wrong: [string[], RegExp][] = [
      [
        ["--over", "optimizer.__proto__=1,2"],
        /optimizer\.__proto__: there is no such key; allowed: name, momentum/,
      ],
      [["--over", "optimizer.weigth_decay=0,1"], /did you mean "weight_decay"/],
      [["--over", "arms[0].schedule.power=1,-2"], /power must be a finite number > 0; it is -2/],
      [["--over", "arms[0].schedule.warmup=1 step,2 steps"], /has no parameter "warmup"/],
      [["--over", "duration=1,2"], /every cell has the same budget/],
      [["--over", "batch_size=8,16", "--over", "batch_size=8,16"], /batch_size twice/],
      [["--over", "batch_size=8,64"], /different budgets/],
      [["--over", "arms[0].schedule.duration=1 epoch,0.001 epochs"], /Cell 2 .*at least 1 step/],
      [["--arm", "tuned", "--over", "batch_size=8,16"], /its rate is `tuned`/],
      [["--method", "random"], /add --samples N/],
      [["--samples", "4"], /--samples goes with --method random or halving/],
      [["--method", "halving"], /at least 6 are needed/],
      [["--max-duration", "3"], /a duration is a number with a unit/],
      [["--max-duration", "50 steps"], /must be in the same unit as the spec's own/],
    ];
    for (const [options, message] of wrong) {
      const ran = await inProcess("sweep", [spec, ...options, "--out", out]);
      assert.equal(ran.code, 2, `${options}: ${ran.stderr}`);
      assert.match(ran.stderr, message);
      assert.doesNotMatch(ran.stderr, /\bat file:/);
    }
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  }));
