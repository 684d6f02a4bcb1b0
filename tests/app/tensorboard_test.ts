import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "#results/run.ts";
import { diskStore } from "#app/storage/disk.ts";
import { tensorboardLog } from "#app/storage/tensorboard_log.ts";
import type { StepEvent, TrainEvent } from "#train/events.ts";
import { recordsIn } from "#trackers/tensorboard/records.ts";
import { spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { pythonPath } from "../support/requires.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";
import { EVENT, type Message, readMessage } from "../trackers/tensorboard/wire.ts";

const SPEC = `name: logged
dataset: { name: shapes-16, train: 96, validation: 40, test: 50 }
model: cnn-tiny
batch_size: 16
duration: 60 epochs
eval_every: 20 epochs
gradient_norms: true
snapshots: { limit: 1 }
seeds: [1, 2]
arms:
  - { name: cosine + sine, schedule: { name: cosine, lr: 0.05, T_max: 100% } }
  - { name: cycles, schedule: { name: sgdr, lr: 0.05, T_0: 20 epochs } }
`;

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The points of a run's one event file by tag: step, value, wall time. */
async function curvesIn(run: string): Promise<Record<string, [number, number, number][]>> {
  const names = (await Array.fromAsync(Deno.readDir(run))).map(({ name }) => name);
  assert.equal(names.length, 1, `${run} has ${names}`);
  const curves: Record<string, [number, number, number][]> = {};
  for (const data of recordsIn(await Deno.readFile(join(run, names[0]!)))) {
    const { step = [0], wall_time, summary = [] } = readMessage(data, EVENT);
    for (const value of (summary as Message[]).flatMap(({ value = [] }) => value as Message[])) {
      if (value["simple_value"] === undefined) continue;
      (curves[value["tag"]![0] as string] ??= [])
        .push([step[0] as number, value["simple_value"][0] as number, wall_time![0] as number]);
    }
  }
  return curves;
}

const points = (curve: readonly [number, number, number][] | undefined) =>
  curve?.map(([step, value]) => [step, value]);

/** What the record says should be in a curve of training. */
function expected({ events }: RunRecord, of: (event: StepEvent) => number) {
  return events.flatMap((event) => event.kind === "step" ? [[event.step, Math.fround(of(event))]] : []);
}

async function checkLog(log: string, records: readonly RunRecord[]): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(log))).map(({ name }) => name);
  assert.deepEqual(names.sort(), records.map(({ plan }) => plan.id).sort());
  for (const record of records) {
    const curves = await curvesIn(join(log, record.plan.id));
    assert.deepEqual(points(curves["train/loss"]), expected(record, ({ loss }) => loss));
    assert.deepEqual(points(curves["train/learning_rate"]), expected(record, ({ lr }) => lr));
    assert.deepEqual(points(curves["train/momentum"]), expected(record, ({ momentum }) => momentum));
    const norms = expected(record, ({ gradient_norm }) => gradient_norm!);
    assert.deepEqual(points(curves["train/gradient_norm"]), norms);
    assert.equal(curves["train/loss"]!.length, 360);
    assert.deepEqual(curves["validation/accuracy"]!.map(([step]) => step), [120, 240, 360]);
    assert.equal(curves["test/accuracy"]!.length, 1);
  }
}

/** What TensorBoard itself reads, where the Python has it; `null` elsewhere. */
async function readByTensorboard(log: string) {
  const script = new URL("../trackers/tensorboard/read_back.py", import.meta.url).pathname;
  const ask = ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('tensorboard') is None)"];
  const python = (args: string[]) => new Deno.Command(pythonPath(), { args }).output();
  if (!(await python(ask).catch(() => ({ success: false }))).success) return null;
  const { success, stdout, stderr } = await python([script, log]);
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("`train --log tensorboard`, killed and resumed, and `report --tensorboard` write each step once", () =>
  inFolder(async (folder) => {
    const [spec, out] = [join(folder, "spec.yaml"), join(folder, "out")];
    await Deno.writeTextFile(spec, SPEC);
    const options = ["--out", out, "--backend", "wasm", "--jobs", "1", "--checkpoint-every", "0.02"];

    // 1. Killed in the middle of a run, after a checkpoint.
    const child = await spawn("train", [spec, ...options, "--log", "tensorboard"]);
    let isOver = false;
    const ended = child.output().then((result) => {
      isOver = true;
      return new TextDecoder().decode(result.stderr);
    });
    const checkpoint = join(out, "runs", "cosine-sine-1", "checkpoint.safetensors");
    while (!await Deno.stat(checkpoint).then(() => true, () => false)) {
      if (isOver) assert.fail(await ended);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    await ended;
    const before = (await curvesIn(join(out, "tensorboard", "cosine-sine-1")))["train/loss"]!;
    assert.ok(before.length > 0 && before.length < 360, `${before.length} steps`);

    // 2. Resumed without the option: the log that was begun goes on.
    const { code, stderr } = await inProcess("resume", [out, "--jobs", "1"]);
    assert.equal(code, 0, stderr);
    const records = await diskStore(out).records();
    assert.equal(records.length, 4);
    await checkLog(join(out, "tensorboard"), records);
    const after = (await curvesIn(join(out, "tensorboard", "cosine-sine-1")))["train/loss"]!;
    const kept = after.findIndex(([, , time], at) => time !== before[at]?.[2]);
    assert.ok(kept > 0, "steps before the kill keep their times");

    // 3. The same again from the record alone, twice.
    const again = join(folder, "again");
    for (let time = 0; time < 2; time++) {
      const made = await inProcess("report", [out, "--tensorboard", again]);
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stderr, /TensorBoard: 4 runs in /);
      await checkLog(again, records);
    }

    // 4. As TensorBoard sees it.
    const read = await readByTensorboard(join(out, "tensorboard"));
    if (read === null) return;
    for (const { plan, events } of records) {
      const losses = events.flatMap((event) => event.kind === "step" ? [Math.fround(event.loss)] : []);
      const { scalars, texts } = read.runs[plan.id];
      const figures = scalars["train/loss"].map(([, value]: [number, string]) => Number(value));
      assert.deepEqual(figures, losses);
      assert.equal(texts["restart/text_summary"]?.length ?? 0, plan.arm === "cycles" ? 2 : 0);
    }
    assert.deepEqual(Object.keys(read.groups), ["cosine + sine", "cycles"]);
    const tests = records.filter(({ plan }) => plan.arm === "cycles").map(({ events }) =>
      events.find((event) => event.kind === "eval" && event.split === "test") as { accuracy: number }
    );
    const mean = tests.reduce((sum, { accuracy }) => sum + accuracy, 0) / tests.length;
    const [average] = read.groups["cycles"].metrics["|test/accuracy"];
    assert.ok(Math.abs(average - mean) < 1e-6, `${average} is not the mean over seeds, ${mean}`);
  }));

Deno.test("a log goes back to a checkpoint, with the times that its events had, also from a damaged file", () =>
  inFolder(async (folder) => {
    const steps = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at): TrainEvent => ({
        kind: "step",
        step: from + at,
        lr: 0.1,
        momentum: 0,
        loss: 1,
      }));
    let seconds = 1_800_000_000;
    const open = () => tensorboardLog(folder, () => 1000 * seconds++);
    const begun = { plan: PLAN, provenance: PROVENANCE };
    const log = open();
    await log.begin(begun);
    await log.append(PLAN, steps(0, 4));
    await log.append(PLAN, steps(4, 8));
    const run = join(folder, PLAN.id);
    const [{ name }] = await Array.fromAsync(Deno.readDir(run)) as [Deno.DirEntry];

    // Cut in the middle of the last record, as by a full disk.
    await Deno.truncate(join(run, name), (await Deno.stat(join(run, name))).size - 3);
    // What another program has in the folder stays.
    const other = join(run, "events.out.tfevents.1900000000.other");
    await Deno.writeTextFile(other, "");
    const later = open();
    await later.rewind({ ...begun, events: steps(0, 6) });
    await later.append(PLAN, steps(6, 9));
    await Deno.remove(other);
    const { "train/loss": losses } = await curvesIn(run);
    assert.deepEqual(losses!.map(([step]) => step), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(losses!.map(([, , time]) => time - 1_800_000_000), [1, 1, 1, 1, 2, 2, 4, 4, 4]);
    const [renewed] = await Array.fromAsync(Deno.readDir(run)) as [Deno.DirEntry];
    assert.ok(renewed.name > name, "readers go on to a newer name");

    // A finished run whose file is whole is not written again; one that is short is.
    await later.finished({ ...begun, events: steps(0, 9) });
    assert.deepEqual((await Array.fromAsync(Deno.readDir(run))).map(({ name }) => name), [renewed.name]);
    await later.finished({ ...begun, events: steps(0, 12) });
    assert.equal((await curvesIn(run))["train/loss"]!.length, 12);
  }));

Deno.test("`report --tensorboard` says why it writes nothing", () =>
  inFolder(async (folder) => {
    const args = ["--index", folder, "--tensorboard", join(folder, "log")];
    const { code, stderr } = await inProcess("report", args);
    assert.equal(code, 2);
    assert.match(stderr, /An index has no runs for --tensorboard: name experiments/);
  }));
