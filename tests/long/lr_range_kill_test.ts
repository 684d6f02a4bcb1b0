import assert from "node:assert/strict";
import { join } from "node:path";
import type { RangeTestResult } from "#results/lr_range.ts";
import { spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const SPEC = `name: small <b>& quick</b>
dataset: { name: shapes-16, train: 96, validation: 40, test: 50, augment: [flip] }
model: cnn-tiny
optimizer: { name: sgd, momentum: 0.9, nesterov: true, weight_decay: 5.0e-4 }
batch_size: 8
duration: 1 epoch
seeds: [1, 2]
arms: [{ name: any, schedule: { name: constant, lr: 0.05 } }]
`;

async function inFolder(
  body: (paths: { spec: string; out: string; folder: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC);
    await body({ spec, out: join(folder, "out"), folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = async (out: string) =>
  JSON.parse(await Deno.readTextFile(join(out, "range-test.json"))) as RangeTestResult;
/** All that a range test measured: no times. */
const measured = ({ runs, suggestions, chosen, recommended, validation }: RangeTestResult) => ({
  runs: runs.map(({ ms_per_step: _, ...run }) => run),
  suggestions,
  chosen,
  recommended,
  validation,
});

Deno.test("range-test: one that was killed goes on to the same bits, and keeps its ramps", () =>
  inFolder(async ({ spec, out, folder }) => {
    const options = [
      ...["--to", "0.02", "--steps", "400", "--seeds", "1-2", "--check-steps", "20"],
      ...["--jobs", "1", "--backend", "wasm", "--threads", "1"],
    ];
    // A checkpoint after every step, so that a ramp takes a while.
    const child = await spawn("range-test", [spec, ...options, "--out", out, "--checkpoint-every", "0"]);
    const ended = child.output();
    const events = (run: string) => Deno.readTextFile(join(out, "runs", run, "events.jsonl")).catch(() => "");
    const hasCheckpoint = () =>
      Deno.stat(join(out, "runs", "ramp-2", "checkpoint.safetensors")).then(() => true, () => false);
    // In the second ramp, when the first has ended and all of it is on disk.
    while (!(await events("ramp-1")).includes(`"ended"`) || !await hasCheckpoint()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
    assert.equal((await read(out)).complete, false);
    assert.ok(!(await events("ramp-2")).includes(`"ended"`), "the ramp had ended by then");
    const first = await events("ramp-1");

    const other = await inProcess("range-test", [
      spec,
      ...options,
      "--smoothing",
      "0.5",
      "--out",
      out,
      "--resume",
    ]);
    assert.equal(other.code, 2, other.stderr);
    assert.match(other.stderr, /holds another range test/);
    const resumed = await inProcess("range-test", [spec, ...options, "--out", out, "--resume"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(await events("ramp-1"), first, "a finished ramp was made again");
    const whole = join(folder, "whole");
    assert.equal((await inProcess("range-test", [spec, ...options, "--out", whole, "--fresh"])).code, 0);
    assert.deepEqual(measured(await read(out)), measured(await read(whole)));
    assert.equal((await read(out)).complete, true);

    // Seeds that a range test beside it has made are taken over.
    const more = join(folder, "more");
    const reused = await inProcess("range-test", [spec, ...options, "--seeds", "1-3", "--out", more]);
    assert.equal(reused.code, 0, reused.stderr);
    assert.match(reused.stderr, /ramp, seed 1: taken from/);
  }));
