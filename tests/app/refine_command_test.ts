import assert from "node:assert/strict";
import { join } from "node:path";
import { encode } from "fast-png";
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
    assert.match(
      unknown.stderr,
      /has no arm "linaer" that has gradient norms and begins at step 0; did you mean "linear"\?/,
    );

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

Deno.test("refine: a log that counts epochs, with fractions too, gives a run of so many epochs", () =>
  inFolder(async (folder) => {
    const log = join(folder, "log.csv");
    await Deno.writeTextFile(log, "epoch,grad_norm,lrap\n0,1,0.5\n0.5,0.9,0.6\n1,0.8,0.7\n1.5,0.7,0.8\n");
    const { code, stdout, stderr } = await inProcess("refine", [log]);
    assert.equal(code, 0, stderr);
    assert.equal(parse(stdout).duration, "2 epochs");
    assert.match(stdout, /nothing recorded said one/, "lrap is no rate");
  }));

Deno.test("refine: data and a network of one's own stand in the spec as it trains them", () =>
  inFolder(async (folder) => {
    const [spec, next] = [join(folder, "spec.yaml"), join(folder, "next.yaml")];
    for (let label = 0; label < 2; label++) {
      await Deno.mkdir(join(folder, `photos/class ${label}`), { recursive: true });
      for (let index = 0; index < 20; index++) {
        const data = new Uint8Array(8 * 8 * 3).map((_, i) => (40 * label + 7 * i * index) % 256);
        const file = join(folder, `photos/class ${label}/${index}.png`);
        await Deno.writeFile(file, encode({ width: 8, height: 8, channels: 3, depth: 8, data }));
      }
    }
    await Deno.writeTextFile(
      spec,
      SPEC.replace(/dataset:.*/, "dataset: { name: images, path: photos, size: 8, colour: grey }")
        .replace(
          /model:.*/,
          "model: { layers: [{ kind: relu }, { kind: global_average_pool }, { kind: dense }] }",
        )
        .replace("duration: 3 epochs", "duration: 2 epochs"),
    );
    const out = join(folder, "out");
    const trained = await inProcess("train", [spec, "--out", out]);
    assert.equal(trained.code, 0, trained.stderr);
    const refined = await inProcess("refine", [out, "--arm", "linear", "--out", next]);
    assert.equal(refined.code, 0, refined.stderr);
    const { dataset, model } = parse(await Deno.readTextFile(next));
    assert.equal(dataset.path, join(folder, "photos"));
    assert.deepEqual([dataset.size, dataset.colour, model.layers.length], [8, "grey", 3]);
    const again = await inProcess("train", [next, "--out", join(folder, "again")]);
    assert.equal(again.code, 0, again.stderr);
  }));
