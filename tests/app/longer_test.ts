import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";
import { diskStore } from "#app/storage/disk.ts";
import { inProcess } from "../support/in_process.ts";

/** 96 images: 6 steps an epoch. */
const specOf = (duration: string) =>
  `name: short
dataset: { name: shapes-16, train: 96, validation: 40, test: 50, augment: [crop, flip] }
model: cnn-tiny
optimizer: { name: adamw }
batch_size: 16
duration: ${duration}
eval_every: 1 epoch
seeds: [1, 2]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.002 } }
  - { name: falls, schedule: { name: linear, lr: 0.006, duration: 100%, end_lr: 0 } }
`;

async function inFolder(body: (folder: string, spec: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, specOf("2 epochs"));
    await body(folder, spec);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const recordsOf = async (out: string) =>
  new Map((await diskStore(out).records()).map((record) => [record.plan.id, record]));
const steps = ({ events }: RunRecord) => events.filter((event) => event.kind === "step");
const rates = (record: RunRecord) => steps(record).map(({ lr }) => lr);
const test = ({ events }: RunRecord) =>
  events.find((event) => event.kind === "eval" && event.split === "test");
const close = (actual: readonly number[], expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((rate, step) => assert.ok(Math.abs(rate - expected[step]!) < 1e-8, `${step}: ${rate}`));
};

Deno.test("a longer experiment goes on from the ends of the old one, with the chosen horizon policy", () =>
  inFolder(async (folder, spec) => {
    const old = join(folder, "old", "runs");
    assert.equal((await inProcess("train", [spec, "--out", old])).code, 0);
    const ends = await Array.fromAsync(Deno.readDir(join(old, "runs")));
    for (const { name } of ends) await Deno.stat(join(old, "runs", name, "end.safetensors"));
    const before = await recordsOf(old);
    const longer = async (word: string) => {
      // Not beside the old one: it is found all the same.
      const out = join(folder, word, "new");
      const ran = await inProcess("resume", [old, "--duration", "3 epochs", "--then", word, "--out", out]);
      assert.equal(ran.code, 0, ran.stderr);
      const records = await recordsOf(out);
      for (const [id, { events }] of before) {
        assert.ok(records.get(id)!.provenance.reused_from, `${id} was trained again`);
        assert.deepEqual(records.get(id)!.events, events);
      }
      const summary = JSON.parse(await Deno.readTextFile(join(out, "summary.json"))) as Summary;
      assert.match(summary.introduction, /^A continuation of “short”: .* 3 epochs in all; the schedule/);
      assert.deepEqual([...new Set(summary.comparisons.map(({ arm, against }) => `${arm} − ${against}`))], [
        "falls, 3 epochs − constant, 3 epochs",
      ]);
      assert.match(await Deno.readTextFile(join(out, "report.html")), /A continuation of “short”/);
      return records;
    };
    const line = (step: number, of: number) => Math.max(0, 0.006 * (1 - step / of));
    const over = (first: number, rate: (step: number) => number) =>
      Array.from({ length: 6 }, (_, step) => rate(first + step));

    const keep = await longer("keep");
    close(rates(keep.get("falls-3-epochs-1")!), over(12, (step) => line(step, 12)));
    const append = await longer("append");
    close(rates(append.get("falls-3-epochs-1")!), over(0, (step) => line(step, 6)));
    const stretch = await longer("stretch");
    close(rates(stretch.get("falls-3-epochs-1")!), over(12, (step) => line(step, 18)));
    assert.equal(steps(stretch.get("falls-3-epochs-2")!)[0]!.step, 12, "steps are not absolute");

    // A constant rate, kept, is the same as a run that was as long from the start, bit for bit.
    await Deno.writeTextFile(spec, specOf("3 epochs"));
    const whole = join(folder, "whole", "new");
    assert.equal((await inProcess("train", [spec, "--out", whole])).code, 0);
    for (const seed of [1, 2]) {
      const long = (await recordsOf(whole)).get(`constant-${seed}`)!;
      const parts = [before.get(`constant-${seed}`)!, keep.get(`constant-3-epochs-${seed}`)!];
      assert.deepEqual(parts.flatMap(steps), steps(long));
      assert.deepEqual(test(parts[1]!), test(long));
    }

    // What was made so can be made longer again, and gone on with.
    const again = join(folder, "again", "new");
    const args = [join(folder, "keep", "new"), "--duration", "200%", "--then", "keep", "--out", again];
    const ran = await inProcess("resume", args);
    assert.equal(ran.code, 0, ran.stderr);
    const twice = (await recordsOf(again)).get("constant-3-epochs-200-1")!;
    assert.deepEqual([twice.plan.first_step, twice.plan.total_steps], [18, 24]);
    assert.equal((await inProcess("resume", [again])).code, 0);
  }));

Deno.test("a length without a word on the schedule, or one that adds nothing, is refused", () =>
  inFolder(async (folder, spec) => {
    const old = join(folder, "old");
    await Deno.writeTextFile(spec, specOf("1 epoch").replace("seeds: [1, 2]", "seeds: [1]"));
    assert.equal((await inProcess("train", [spec, "--out", old])).code, 0);
    const refused = async (args: readonly string[], message: RegExp) => {
      const ran = await inProcess("resume", [old, "--out", join(folder, "new"), ...args]);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, message);
      await assert.rejects(Deno.stat(join(folder, "new")), Deno.errors.NotFound);
    };
    await refused(
      ["--duration", "3 epochs"],
      /needs a word on what its schedule does:\n {2}--then stretch .*\n {2}--then keep .*\n {2}--then append /,
    );
    await refused(["--duration", "3 epochs", "--then", "shrink"], /stretch, keep, append/);
    await refused(["--then", "keep"], /--then says nothing without --duration/);
    await refused(
      ["--duration", "1 epoch", "--then", "keep"],
      /Arm "constant, 1 epoch": duration: 1 epoch end at step 6, but its parent run has done 6/,
    );
    await refused(["--duration", "3 days", "--then", "keep"], /duration: .*`30 epochs`/);
    await refused(["--verify", "--duration", "3 epochs", "--then", "keep"], /give one of them/);
  }));

Deno.test("a schedule that waits for evaluations begins anew: it can be appended alone", () =>
  inFolder(async (folder, spec) => {
    const plateau = specOf("1 epoch").replace("{ name: constant, lr: 0.002 }", "{ name: plateau, lr: 0.002 }")
      .replace("seeds: [1, 2]", "seeds: [1]");
    await Deno.writeTextFile(spec, plateau);
    const old = join(folder, "old");
    assert.equal((await inProcess("train", [spec, "--out", old])).code, 0);
    const args = [old, "--duration", "2 epochs", "--out", join(folder, "new"), "--then"];
    const kept = await inProcess("resume", [...args, "stretch"]);
    assert.equal(kept.code, 2);
    assert.match(kept.stderr, /plateau waits for evaluations and begins anew .*: expected append/);
    assert.equal((await inProcess("resume", [...args, "append"])).code, 0);
  }));
