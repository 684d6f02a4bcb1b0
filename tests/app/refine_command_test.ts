import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: norms
dataset: { name: shapes-16, train: 128, validation: 40, test: 40 }
model: cnn-tiny
optimizer: { name: sgd, momentum: 0.9, clip_norm: 4 }
batch_size: 16
duration: 3 epochs
seeds: [1]
gradient_norms: true
arms:
  - { name: linear, schedule: { name: linear, lr: 0.02, duration: 100% } }
  - { name: constant, schedule: { name: constant, lr: 0.02 } }
`;

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("refine: an experiment's norms become a spec that trains, against linear decay", () =>
  inFolder(async (folder) => {
    const [spec, out, next] = ["spec.yaml", "out", "next.yaml"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await Deno.writeTextFile(spec, SPEC);
    const trained = await inProcess("train", [spec, "--out", out]);
    assert.equal(trained.code, 0, trained.stderr);

    const several = await inProcess("refine", [out]);
    assert.equal(several.code, 2);
    assert.match(several.stderr, /has several arms: add --arm with one of/);
    const unknown = await inProcess("refine", [out, "--arm", "linaer"]);
    assert.match(unknown.stderr, /has no arm "linaer" with gradient norms; did you mean "linear"\?/);

    const refined = await inProcess("refine", [out, "--arm", "linear", "--out", next]);
    assert.equal(refined.code, 0, refined.stderr);
    const text = await Deno.readTextFile(next);
    const { arms, seeds, duration, optimizer } = parse(text);
    assert.deepEqual(arms.map(({ name }: { name: string }) => name), ["linear decay", "refined"]);
    assert.equal(arms[0].schedule.lr, 0.02);
    assert.deepEqual([seeds, duration, optimizer.clip_norm], [[2, 3, 4], "24 steps", 4]);

    const again = await inProcess("train", [
      next,
      "--out",
      join(folder, "again"),
      "--format",
      "json",
    ]);
    assert.equal(again.code, 0, again.stderr);
    const { arms: run } = JSON.parse(again.stdout);
    assert.deepEqual(run.map(({ runs }: { runs: { steps: number }[] }) => runs.map(({ steps }) => steps)), [
      [24, 24, 24],
      [24, 24, 24],
    ]);
  }));

Deno.test("refine: a CSV of constant norms gives linear decay", () =>
  inFolder(async (folder) => {
    const log = join(folder, "log.csv");
    const rows = Array.from({ length: 400 }, (_, step) => `${step},0.25,0.1`);
    await Deno.writeTextFile(log, ["step,grad_norm,lr", ...rows].join("\n"));
    const { code, stdout, stderr } = await inProcess("refine", [log]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /400 steps, 2 knots/);
    const { arms } = parse(stdout) as { arms: { schedule: ScheduleSpec }[] };
    const [linear, refined] = arms.map(({ schedule }) =>
      buildSchedule(schedule, { totalSteps: 400, stepsPerEpoch: 100 }).lr
    );
    for (const step of [0, 100, 399]) assert.ok(Math.abs(refined!(step) - linear!(step)) < 1e-9);
    // Under a constant rate of 0.1, linear decay takes more than twice that.
    assert.ok(linear!(0) > 0.25 && linear!(0) < 0.35, `${linear!(0)}`);
    const json = JSON.parse((await inProcess("refine", [log, "--lr", "0.3", "--format", "json"])).stdout);
    assert.equal(json.linear_lr, 0.3);
    assert.equal(json.rates.length, 400);
  }));

Deno.test("refine: a log without norms is refused", () =>
  inFolder(async (folder) => {
    const log = join(folder, "log.csv");
    await Deno.writeTextFile(log, "step,loss\n0,2\n1,1\n");
    const { code, stderr } = await inProcess("refine", [log]);
    assert.equal(code, 2);
    assert.match(stderr, /No gradient norms in/);
  }));
