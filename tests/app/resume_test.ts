import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { diskStore } from "#app/storage/disk.ts";
import { spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: goes on
dataset: { name: shapes-16, train: 96, validation: 40, test: 50, augment: [crop, flip] }
model: cnn-tiny
batch_size: 16
duration: 4 epochs
eval_every: 2 epochs
seeds: [1, 2]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.05 } }
  - { name: mine, schedule: { name: custom, module: ./mine.ts } }
`;
const MODULE = "export const schedule = (step: number) => 0.05 / (1 + step / 10);\n";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "specs"));
    await Deno.writeTextFile(join(folder, "specs", "spec.yaml"), SPEC);
    await Deno.writeTextFile(join(folder, "specs", "mine.ts"), MODULE);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const summaryOf = async (out: string) =>
  JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;
const measured = async (out: string) =>
  Object.fromEntries((await diskStore(out).records()).map(({ plan, events }: RunRecord) => [
    plan.id,
    events.map((event) => event.kind === "ended" ? { ...event, ms_per_step: 0 } : event),
  ]));

/** Starts a command and ends it with the signal once a run of the folder tells events. */
async function broken(task: string, args: readonly string[], out: string, signal: Deno.Signal) {
  const child = await spawn(task, args);
  const ended = child.output();
  const size = async () => {
    const runs = await Array.fromAsync(Deno.readDir(join(out, "runs"))).catch(() => []);
    const sizes = runs.map(({ name }) =>
      Deno.stat(join(out, "runs", name, "events.jsonl")).then((file) => file.size, () => 0)
    );
    return (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
  };
  const before = await size();
  while (await size() <= before) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill(signal);
  const { code, stderr } = await ended;
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("`resume FOLDER` goes on from the folder alone, wherever the spec lay, to the same end", () =>
  inFolder(async (folder) => {
    const spec = join(folder, "specs", "spec.yaml");
    const [out, whole] = [join(folder, "out"), join(folder, "whole")];
    await broken("train", [spec, "--out", out, "--jobs", "1", "--checkpoint-every", "0"], out, "SIGKILL");
    const command = JSON.parse(await Deno.readTextFile(join(out, "origin.json"))).command as string;
    // The spec's own file has gone; what it is made of is in the folder.
    await Deno.remove(spec);
    const ran = await inProcess("resume", [out, "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const summary = JSON.parse(ran.stdout) as Summary;
    assert.equal(summary.complete, true);
    assert.equal(summary.provenance.command, command);
    await Deno.writeTextFile(spec, SPEC);
    assert.equal((await inProcess("train", [spec, "--out", whole, "--fresh"])).code, 0);
    assert.deepEqual(await measured(out), await measured(whole));
  }));

Deno.test("an exercise that is gone on with still answers its questions", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    await broken("exercise", ["3", "--out", out], out, "SIGKILL");
    const { code, stderr } = await broken("resume", [out], out, "SIGINT");
    assert.equal(code, 130, stderr);
    const summary = await summaryOf(out);
    assert.ok(summary.answers.length > 0 && summary.introduction.length > 0);
    assert.equal(summary.provenance.command, "deno task exercise 3");
  }));

Deno.test("what is no experiment's folder is refused, and nothing is written", () =>
  inFolder(async (folder) => {
    const refused = async (name: string, message: RegExp) => {
      const before = await Array.fromAsync(Deno.readDir(folder));
      const ran = await inProcess("resume", [join(folder, name)]);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), before);
    };
    await refused("nowhere", /^Cannot resume .*nowhere: there is no such folder\n$/);
    await Deno.mkdir(join(folder, "empty"));
    await refused("empty", /holds no experiment \(no spec\.yaml\)/);
    await refused("specs", /specs: it holds no origin\.json; give the command it was started with/);
    const origin = join(folder, "specs", "origin.json");
    await Deno.writeTextFile(origin, "{");
    await refused("specs", /origin\.json: it is damaged/);
    const good = { version: 2, command: "x", exercise: "constructor", introduction: "", folder: "." };
    await Deno.writeTextFile(origin, JSON.stringify({ ...good, folder: 3 }));
    await refused("specs", /origin\.json: at folder: .*string/);
    await Deno.writeTextFile(origin, JSON.stringify(good));
    await refused("specs", /exercise constructor, which this lab does not have/);
  }));

/** Feedback, restarts, averages, frozen groups, augmentation, snapshots, and a run that goes on from another. */
const EVERYTHING = `name: everything
dataset: { name: shapes-16, train: 64, validation: 16, test: 16, augment: [crop, flip] }
model: cnn-tiny
optimizer:
  name: adamw
  clip_norm: 1
  reset_at_restart: true
  groups: [{ match: "conv1/*", lr_factor: 0.5, frozen_until: 4 steps }]
batch_size: 16
duration: 3 epochs
eval_every: 2 steps
seeds: [1]
averages: [{ kind: ema }, { kind: swa, from: 50% }, { kind: cycle }]
snapshots: { limit: 2 }
gradient_norms: true
arms:
  - name: cycles
    schedule:
      name: plateau
      patience: 0
      scales: { name: sgdr, lr: 0.001, T_0: 1 epoch, T_mult: 1 }
  - { name: after, from: cycles, duration: 5 epochs, schedule: { name: cosine, lr: 0.0005, T_max: 100% } }
`;

Deno.test("`resume FOLDER --verify` proves exact resumption, of a run from the start and of one in a chain", () =>
  inFolder(async (folder) => {
    const [spec, out] = [join(folder, "all.yaml"), join(folder, "out")];
    await Deno.writeTextFile(spec, EVERYTHING);
    await broken("train", [spec, "--out", out], out, "SIGKILL");
    const before = await Array.fromAsync(Deno.readDir(out));

    const verified = await inProcess("resume", [out, "--verify", "--format", "json", "--threads", "1"]);
    assert.equal(verified.code, 0, verified.stderr);
    const facts = JSON.parse(verified.stdout);
    assert.equal(facts.run, "cycles-1");
    assert.equal(facts.steps, 12);
    assert.equal(facts.broken_after.length, 3);
    assert.ok(facts.broken_after.every((update: number) => update > 0 && update < 12));
    assert.ok(facts.tensors > 100 && facts.values > 1e5 && facts.evaluations > 10);
    assert.equal(facts.difference, null);

    const chained = await inProcess("resume", [
      out,
      "--verify",
      "--run",
      "after-1",
      "--steps",
      "6",
      "--threads",
      "1",
    ]);
    assert.equal(chained.code, 0, chained.stderr);
    assert.match(chained.stderr, /Training cycles-1, the parent run of after-1/);
    assert.match(
      chained.stdout,
      /broken off after steps 1[3-7], 1[3-7], 1[3-7]\n.* of 6 steps.*\nThe same, bit for bit\n$/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(out)), before, "the experiment was changed");

    const refused = async (args: readonly string[], message: RegExp) => {
      const ran = await inProcess("resume", [out, ...args]);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
    };
    await refused(["--verify", "--run", "cycle-1"], /no run "cycle-1"; did you mean "cycles-1"\?/);
    await refused(["--steps", "6"], /--steps says nothing without --verify/);
    await refused(["--verify", "--steps", "1"], /at least 2/);
  }));
