import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { diskStore } from "#app/storage/disk.ts";
import { cli, spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: small <b>& quick</b>
dataset: { name: shapes-16, train: 96, validation: 40, test: 50, augment: [crop, flip] }
model: cnn-tiny
optimizer: { name: sgd, momentum: 0.9, nesterov: true, weight_decay: 5.0e-4, clip_norm: 1 }
batch_size: 16
duration: 3 epochs
eval_every: 1 epoch
seeds: [1, 2]
tune: { rates: [0.1, 0.2], seeds: [9] }
baseline: constant
arms:
  - { name: constant, schedule: { name: constant, lr: tuned } }
  - { name: "drops ×0.1", schedule: { name: multistep, lr: tuned constant, milestones: [50%], gamma: 0.1 } }
sweep:
  over: { "arms[1].schedule.gamma": [0.1, 0.5] }
`;

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

const read = async (out: string) => JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;
const records = async (out: string) => {
  const all = await diskStore(out).records();
  return new Map(all.map((record) => [record.plan.id, record]));
};
/** What a run measured: everything but wall time. */
const measured = ({ events }: RunRecord) =>
  events.map((event) => event.kind === "ended" ? { ...event, ms_per_step: 0 } : event);

Deno.test("tuning goes on beyond its range where an arm does best at the end, with the same rates for all", () =>
  inFolder(async ({ spec, out }) => {
    // Rates far too small: every run ends at guessing, none diverges, and larger rates are tried.
    const text = SPEC.replace(
      "tune: { rates: [0.1, 0.2], seeds: [9] }",
      "tune: { rates: [0.001, 0.01], seeds: [9], extend: 2 }",
    ).replace("lr: tuned constant", "lr: tuned");
    await Deno.writeTextFile(spec, text);
    const ran = await inProcess("train", [spec, "--out", out, "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const { tuning, complete } = await read(out);
    assert.equal(complete, true);
    const tried = tuning.map(({ trials }) => trials.map(({ value }) => value));
    assert.equal(tried.length, 2);
    assert.deepEqual(tried[0], tried[1], "an equal budget");
    assert.ok(tried[0]!.includes(0.1) && tried[0]!.length <= 6, String(tried[0]));
    // The progress that was told counts what came on top.
    const [, done, all] = /\[ *(\d+)\/(\d+)\][^\n]*\n$/.exec(ran.stderr)!;
    assert.equal(done, all);
    // What is gone on with knows all of it.
    const again = await inProcess("train", [spec, "--out", out, "--resume", "--format", "json"]);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual((JSON.parse(again.stdout) as Summary).tuning, tuning);
  }));

Deno.test("a spec becomes a folder with plans, events, summary and report", () =>
  inFolder(async ({ spec, out }) => {
    const ran = await cli("train", [spec, "--out", out, "--format", "json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const summary = await read(out);
    assert.deepEqual({ ...summary, folder: out }, JSON.parse(ran.stdout), "stdout is the summary alone");
    assert.equal(summary.complete, true);
    assert.deepEqual(summary.arms.map(({ name, runs }) => [name, runs.map(({ seed }) => seed)]), [[
      "constant",
      [1, 2],
    ], ["drops ×0.1", [1, 2]]]);
    for (const { runs } of summary.arms) {
      for (const run of runs) {
        assert.equal(run.steps, 18);
        assert.equal(run.diverged, false);
        assert.ok(run.ms_per_step! > 0);
        for (const figure of Object.values(run.final)) assert.ok(Number.isFinite(figure));
      }
    }

    // The rate was chosen on validation data with a seed of its own, and both arms got it.
    const tuning = summary.tuning[0]!;
    const best = tuning.trials.reduce((a, b) => b.accuracy! > a.accuracy! ? b : a);
    assert.equal(tuning.chosen, best.value);
    for (const arm of summary.arms) assert.equal(arm.schedule["lr"], best.value);

    // Test data is read once a run, and only by arms; the sweep's cell that is an arm's own run was not trained again.
    const all = await records(out);
    for (const { plan, events } of all.values()) {
      const tests = events.filter((event) => event.kind === "eval" && event.split === "test");
      assert.equal(tests.length, plan.role === "arm" ? 1 : 0, plan.id);
    }
    assert.deepEqual([...all.keys()].sort(), [
      "constant-1",
      "constant-2",
      "drops-x0.1-1",
      "drops-x0.1-2",
      "sweep-cell-2-1",
      "sweep-cell-2-2",
      "tune-constant-0.1-9",
      "tune-constant-0.2-9",
    ]);
    assert.deepEqual(summary.sweep!.cells.map(({ runs }) => runs.length), [2, 2]);
    const cell = summary.sweep!.cells[0]!.mean!;
    const accuracies = summary.arms[1]!.runs.map(({ final }) => final.validation_accuracy!);
    assert.ok(Math.abs(cell - (accuracies[0]! + accuracies[1]!) / 2) < 1e-12);

    // Rates in the record are the schedule's, dropped at the middle of the run.
    const steps = all.get("drops-x0.1-1")!.events.flatMap((event) => event.kind === "step" ? event.lr : []);
    assert.deepEqual([steps[8], steps[9]], [best.value, Number((best.value / 10).toPrecision(6))]);

    const plans = JSON.parse(await Deno.readTextFile(join(out, "plan.json"))).plans as unknown[];
    assert.equal(plans.length, 2 + 4 + 4);
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.ok(
      page.includes("small &#60;b&#62;&#38; quick&#60;/b&#62;") && !page.includes("small <b>"),
      "the name is not escaped",
    );
  }));

Deno.test("the same spec gives the same bits, however many runs go at a time", () =>
  inFolder(async ({ folder, spec }) => {
    const one = join(folder, "one");
    const two = join(folder, "two");
    assert.equal((await inProcess("train", [spec, "--out", one, "--jobs", "1"])).code, 0);
    assert.equal((await inProcess("train", [spec, "--out", two, "--jobs", "3"])).code, 0);
    const [a, b] = [await records(one), await records(two)];
    assert.equal(a.size, 8);
    for (const [id, record] of a) assert.deepEqual(measured(record), measured(b.get(id)!), id);
  }));

/** Runs until a first run of an arm, or another one, has written events, then sends the signal. */
async function interrupt(
  spec: string,
  out: string,
  signal: Deno.Signal,
  ...options: readonly string[]
): Promise<{ code: number; stderr: string; tookMs: number }> {
  const events = async () => {
    const runs = await Array.fromAsync(Deno.readDir(join(out, "runs"))).catch(() => []);
    const ofArms = runs.map(({ name }) => name).filter((name) => !name.startsWith("tune-"));
    const sizes = ofArms.map((name) =>
      Deno.stat(join(out, "runs", name, "events.jsonl")).then(({ size }) => size, () => 0)
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  const before = await events();
  const child = await spawn("train", [spec, "--out", out, "--jobs", "1", ...options]);
  const ended = child.output();
  while (await events() <= before) await new Promise((resolve) => setTimeout(resolve, 20));
  const sent = performance.now();
  child.kill(signal);
  // In a terminal one Ctrl-C comes twice: from the terminal, and from the `deno task` above, which hands its own on.
  if (signal === "SIGINT") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill(signal);
  }
  const { code, stderr } = await ended;
  return { code, stderr: new TextDecoder().decode(stderr), tookMs: performance.now() - sent };
}

/** Long enough that a signal mostly finds a run at work. */
const LONG = SPEC.replace("duration: 3 epochs", "duration: 40 epochs")
  .replace("eval_every: 1 epoch", "eval_every: 5 epochs")
  .replace("seeds: [1, 2]", "seeds: [1]");

Deno.test("a killed experiment goes on; Ctrl-C keeps what was measured, with a partial report; --resume ends it", () =>
  inFolder(async ({ folder, spec, out }) => {
    await Deno.writeTextFile(spec, LONG);
    await interrupt(spec, out, "SIGKILL");
    await assert.rejects(read(out), Deno.errors.NotFound);
    // A signal between two runs stops none of them: then another one does.
    let partial: Summary;
    let tries = 0;
    do {
      const { code, stderr, tookMs } = await interrupt(spec, out, "SIGINT", "--resume");
      assert.equal(code, 130, stderr);
      assert.ok(tookMs < 30_000, `it took ${tookMs} ms`);
      partial = await read(out);
      assert.equal(partial.complete, false);
    } while (
      !partial.arms.some(({ runs }) => runs.some(({ reason }) => reason === "stopped")) && ++tries < 3
    );
    assert.ok(partial.arms.some(({ runs }) => runs.some(({ reason }) => reason === "stopped")));
    assert.match(await Deno.readTextFile(join(out, "report.html")), /partial/i);
    const kept = await records(out);
    const tuned = kept.get("tune-constant-0.1-9")!;

    // Without --resume nothing is overwritten; with it the experiment is completed.
    assert.equal((await inProcess("train", [spec, "--out", out])).code, 2);
    const resumed = await inProcess("train", [spec, "--out", out, "--resume"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal((await read(out)).complete, true);
    const after = await records(out);
    assert.deepEqual(after.get("tune-constant-0.1-9"), tuned, "a finished run was made again");

    // The resumed experiment is the one that never stopped.
    const whole = join(folder, "whole");
    assert.equal((await inProcess("train", [spec, "--out", whole])).code, 0);
    for (const [id, record] of await records(whole)) {
      assert.deepEqual(measured(after.get(id)!), measured(record), id);
    }

    const leftovers = (await Array.fromAsync(Deno.readDir(out))).filter(({ name }) => name.endsWith(".tmp"));
    assert.deepEqual(leftovers, []);

    // Another device, and another spec, do not go on in this folder.
    const cpu = await inProcess("train", [spec, "--out", out, "--resume", "--backend", "cpu"]);
    assert.equal(cpu.code, 2);
    assert.match(cpu.stderr, /was trained on WASM.*an experiment uses one device/s);
    await Deno.writeTextFile(spec, LONG.replace("batch_size: 16", "batch_size: 8"));
    const other = await inProcess("train", [spec, "--out", out, "--resume"]);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /holds another experiment/);
  }));

Deno.test("a schedule of one's own, from a module beside the spec, trains and is recorded", () =>
  inFolder(async ({ folder, spec, out }) => {
    await Deno.writeTextFile(
      join(folder, "mine.ts"),
      "export const schedule = (step: number) => 0.05 / (1 + step);\n",
    );
    const text = SPEC.slice(0, SPEC.indexOf("tune:")) +
      "arms:\n  - { name: mine, schedule: { name: custom, module: ./mine.ts } }\n";
    await Deno.writeTextFile(spec, text);
    const ran = await inProcess("train", [spec, "--out", out]);
    assert.equal(ran.code, 0, ran.stderr);
    const rates = (await records(out)).get("mine-1")!.events.flatMap((event) =>
      event.kind === "step" ? event.lr : []
    );
    rates.forEach((rate, step) => assert.ok(Math.abs(rate * (1 + step) / 0.05 - 1) < 1e-6));

    // Another experiment beside it, of the same text but for its name: the module has changed, and with it the run.
    const again = text.replace("name: small", "name: other");
    await Deno.writeTextFile(spec, again);
    await Deno.writeTextFile(join(folder, "mine.ts"), "export const schedule = () => 0.001;\n");
    const changed = join(folder, "changed");
    assert.equal((await inProcess("train", [spec, "--out", changed])).code, 0);
    const second = (await records(changed)).get("mine-1")!;
    assert.equal(second.provenance.reused_from, undefined);
    assert.ok(second.events.every((event) => event.kind !== "step" || event.lr === 0.001));
    const gone = await inProcess("resume", [out]);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /schedule \.\/mine\.ts .*has changed since the experiment began/);

    await Deno.writeTextFile(spec, text.replace("mine.ts", "nothing.ts"));
    const missing = await inProcess("train", [spec, "--out", join(folder, "other")]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /Cannot load the schedule \.\/nothing\.ts/);
  }));

Deno.test("a run that another experiment beside it has made is taken, not trained again; the same spec is", () =>
  inFolder(async ({ folder, spec }) => {
    const [one, two, again, fresh] = ["one", "two", "again", "fresh"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    assert.equal((await inProcess("train", [spec, "--out", one])).code, 0);
    const reused = async (out: string) =>
      [...(await records(out)).values()].filter(({ provenance }) => provenance.reused_from).map(({ plan }) =>
        plan.id
      )
        .sort();

    // Another name, and a third seed: what is common is taken over.
    const other = join(folder, "other.yaml");
    await Deno.writeTextFile(
      other,
      SPEC.replace("name: small", "name: another").replace("seeds: [1, 2]", "seeds: [1, 2, 3]"),
    );
    const ran = await inProcess("train", [other, "--out", two]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(await reused(two), [
      "constant-1",
      "constant-2",
      "drops-x0.1-1",
      "drops-x0.1-2",
      "sweep-cell-2-1",
      "sweep-cell-2-2",
      "tune-constant-0.1-9",
      "tune-constant-0.2-9",
    ]);
    assert.match(ran.stderr, /taken from .*one/);
    const before = await records(one);
    for (const [id, record] of await records(two)) {
      if (record.provenance.reused_from) assert.deepEqual(record.events, before.get(id)!.events);
    }

    // A neighbour that is damaged is passed over.
    await Deno.writeTextFile(join(one, "runs", "constant-1", "events.jsonl"), "{}\ngarbage\n");
    const third = join(folder, "third");
    await Deno.remove(two, { recursive: true });
    assert.equal((await inProcess("train", [other, "--out", third])).code, 0);
    assert.ok(!(await reused(third)).includes("constant-1") && (await reused(third)).includes("constant-2"));

    // And so is a summary, which is made anew from the runs.
    await Deno.writeTextFile(join(third, "summary.json"), "{}");
    const mended = await inProcess("resume", [third]);
    assert.equal(mended.code, 0, mended.stderr);
    assert.equal((await read(third)).complete, true);
    await Deno.remove(third, { recursive: true });

    assert.equal((await inProcess("train", [spec, "--out", again])).code, 0);
    assert.deepEqual(await reused(again), []);
    assert.equal((await inProcess("train", [other, "--out", fresh, "--fresh"])).code, 0);
    assert.deepEqual(await reused(fresh), []);
  }));

Deno.test("a single run shares its batches over the cores; turbo changes speed alone; both are recorded", () =>
  inFolder(async ({ folder, spec }) => {
    await Deno.writeTextFile(
      spec,
      SPEC.slice(0, SPEC.indexOf("tune:")).replace("seeds: [1, 2]", "seeds: [1]") +
        "arms:\n  - { name: constant, schedule: { name: constant, lr: 0.05 } }\n",
    );
    const run = async (name: string, ...options: string[]) => {
      const out = join(folder, name);
      const args = ["train", spec, "--out", out, ...options];
      const ran = name === "turbo" ? await cli("turbo", args) : await inProcess("train", args.slice(1));
      assert.equal(ran.code, 0, ran.stderr);
      return { detail: (await read(out)).device.detail, record: (await records(out)).get("constant-1")! };
    };
    const [shared, one, turbo] = [
      await run("shared"),
      await run("one", "--threads", "1"),
      await run("turbo", "--threads", "1"),
    ];
    const cores = navigator.hardwareConcurrency;
    assert.match(shared.detail, cores === 1 ? /one thread/ : new RegExp(`${cores} threads`));
    assert.match(one.detail, /one thread$/);
    assert.match(turbo.detail, /one thread, turbo/);
    assert.deepEqual(measured(turbo.record), measured(one.record));
  }));
