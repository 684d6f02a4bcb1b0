import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import type { RunRecord } from "#results/run.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import { spawn } from "../support/cli.ts";
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
const measured = ({ events }: RunRecord) =>
  events.map((event) => event.kind === "ended" ? { ...event, ms_per_step: 0 } : event);

Deno.test("a sweep that was killed goes on where it was: finished runs are kept, and the bits are the same", () =>
  inFolder(async ({ folder, spec, out }) => {
    const args = [spec, ...AXES, "--backend", "wasm", "--threads", "1"];
    const child = await spawn("sweep", [...args, "--out", out, "--jobs", "2", "--checkpoint-every", "0"]);
    const ended = child.output();
    const events = (id: string) => Deno.readTextFile(join(out, "runs", id, "events.jsonl")).catch(() => "");
    while (!(await events("cell-2-1")).includes(`"ended"`)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
    const partial = await read(out);
    assert.equal(partial.complete, false);
    const kept = await events("cell-2-1");
    const before = (await Deno.stat(join(out, "runs", "cell-2-1", "events.jsonl"))).mtime!;

    const resumed = await inProcess("sweep", [...args, "--out", out, "--resume"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal((await read(out)).complete, true);
    assert.equal(await events("cell-2-1"), kept, "a finished run was made again");
    assert.deepEqual((await Deno.stat(join(out, "runs", "cell-2-1", "events.jsonl"))).mtime, before);
    const whole = join(folder, "whole");
    assert.equal((await inProcess("sweep", [...args, "--out", whole])).code, 0);
    const after = await records(out);
    assert.equal(after.size, 12);
    for (const [id, record] of await records(whole)) {
      assert.deepEqual(measured(after.get(id)!), measured(record), id);
    }
  }));
