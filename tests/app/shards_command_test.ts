import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { ShardOutcome } from "#app/session/train_part.ts";
import { lockFolder } from "#app/storage/lock.ts";
import { inProcess } from "../support/in_process.ts";
import { differing } from "../reliability/compare.ts";

const SPEC = `name: split
dataset: { name: shapes-16, train: 160, validation: 80, test: 50 }
model: cnn-tiny
batch_size: 8
duration: 3 epochs
seeds: [1, 2]
tune: { rates: [0.02, 0.1], seeds: [101] }
averages: [{ kind: ema }]
predictions: true
arms:
  - { name: constant, schedule: { name: constant, lr: tuned } }
  - { name: after, from: constant, duration: 4 epochs, schedule: { name: constant, lr: 0.01 } }
`;
const COMMON = ["--backend", "wasm", "--threads", "1"];

interface Place {
  readonly spec: string;
  readonly out: string;
  /** Calls a shard; JSON where it was not refused. */
  readonly shard: (
    part: string,
    more?: readonly string[],
  ) => Promise<{ code: number; text: string; json: ShardOutcome }>;
}

async function inFolder(body: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [spec, out] = [join(folder, "spec.yaml"), join(folder, "split", "out")];
    await Deno.writeTextFile(spec, SPEC);
    const shard: Place["shard"] = async (part, more = []) => {
      const args = [spec, "--out", out, "--shard", part, "--format", "json", ...COMMON, ...more];
      const { code, stdout, stderr } = await inProcess("train", args);
      return { code, text: stderr, json: stdout === "" ? null : JSON.parse(stdout) };
    };
    await body({ spec, out, shard });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const summaryIn = async (out: string) => JSON.parse(await Deno.readTextFile(join(out, "summary.json")));
const figures = (summary: object) =>
  JSON.parse(
    JSON.stringify(summary),
    (key, value) => ["at", "wall_s", "jobs", "ms_per_step", "command"].includes(key) ? 0 : value,
  );

Deno.test("two shards, called in turn: what each trained, what it waits for, and what `report` makes of them", () =>
  inFolder(async ({ spec, out, shard }) => {
    // 1. Its part of the tuning; the rest depends on what the other finds.
    const first = await shard("1/2");
    assert.equal(first.code, 75, first.text);
    assert.match(first.text, /^Shard 1 of 2 of split \(in all 6 runs, .*\), .* into .*shard-1-of-2\n/);
    assert.deepEqual(first.json.trained, ["tune-constant-0.02-101"]);
    assert.deepEqual(first.json.missing, [{ shard: 2, runs: ["tune-constant-0.1-101"] }]);
    assert.equal(first.json.state, "waiting");

    const early = await inProcess("resume", [out]);
    assert.match(
      early.stderr,
      /Cannot resume .*out: it holds shards, which `deno task report .*out` joins first/,
    );
    const listed = await inProcess("report", ["--index", join(out, "..")]);
    assert.match(listed.stdout, /It holds shards: /);

    // 2. Nothing new to do: nothing is trained twice.
    const again = await shard("1/2");
    assert.deepEqual([again.code, again.json.trained, again.json.before], [75, [], first.json.trained]);

    // 3. A result of what is there, which says what is missing.
    const partial = await inProcess("report", [out, "--format", "json"]);
    assert.equal(partial.code, 1);
    assert.match(partial.stderr, /Joined 1 run of 2 shards/);
    assert.match(
      partial.stderr,
      /The stage that the study has come to lacks 1 run of shard 2:\n {2}shard 2 of 2: tune-constant-0\.1-101\n/,
    );
    assert.equal((await summaryIn(out)).complete, false);

    // 4. The other does its part of both stages, then this one its own: parents and children are in one shard.
    // It writes a checkpoint after each step besides, which changes no figure and is gone at the end.
    const other = await shard("2/2", ["--checkpoint-every", "0"]);
    assert.equal(other.code, 0, other.text);
    assert.equal(other.json.state, "done");
    assert.deepEqual(other.json.trained, ["tune-constant-0.1-101", "constant-2", "after-2"]);
    assert.deepEqual(other.json.missing, [{ shard: 1, runs: ["constant-1", "after-1"] }]);
    const last = await shard("1/2");
    assert.deepEqual([last.code, last.json.state, last.json.trained], [0, "whole", [
      "constant-1",
      "after-1",
    ]]);

    // 5. As one process.
    const one = join(out, "..", "..", "whole", "one");
    assert.equal((await inProcess("train", [spec, "--out", one, ...COMMON])).code, 0);
    const joined = await inProcess("report", [out]);
    assert.equal(joined.code, 0, joined.stderr);
    assert.match(joined.stdout, /accuracy/);
    assert.deepEqual(figures(await summaryIn(out)), figures(await summaryIn(one)));
    assert.deepEqual(await differing(one, out), []);
    // The folder is an experiment's now: it needs its shards no more.
    for (const number of [1, 2]) await Deno.remove(join(out, `shard-${number}-of-2`), { recursive: true });
    const alone = await inProcess("resume", [out, "--format", "json"]);
    assert.equal(alone.code, 0, alone.stderr);
    assert.deepEqual(figures(JSON.parse(alone.stdout)).arms, figures(await summaryIn(one)).arms);
  }));

Deno.test("shards that do not belong together, or are not whole, are refused in words", () =>
  inFolder(async ({ out, shard }) => {
    assert.equal((await shard("1/2")).code, 75);
    const refused = async (code: number, text: RegExp, part = "2/2", more: readonly string[] = []) => {
      const ran = await shard(part, more);
      assert.equal(ran.code, code, ran.text);
      assert.match(ran.text, text);
    };
    const place = join(out, "shard-1-of-2");
    const run = join(place, "runs", "tune-constant-0.02-101");
    /** What is said of a copy in which something was changed. */
    const changed = async (change: () => Promise<void>, code: number, text: RegExp, isJoined = true) => {
      const copy = `${place}.copy`;
      await cp(place, copy, { recursive: true });
      await change();
      await refused(code, text);
      const joined = isJoined ? await inProcess("report", [out]) : null;
      if (joined) assert.equal(joined.code, code, joined.stderr);
      if (joined) assert.match(joined.stderr, text);
      await Deno.remove(place, { recursive: true });
      await Deno.rename(copy, place);
    };
    const edit = (name: string, edited: (text: string) => string) => async () => {
      const path = join(place, name);
      await Deno.writeTextFile(path, edited(await Deno.readTextFile(path)));
    };

    await refused(2, /shard-1-of-2: the study is split into 2 there and into 3 here/, "2/3");
    await refused(2, /shard-1-of-2: it is of another plan \(its spec\.yaml differs\)/, "2/2", [
      "--seeds",
      "1-3",
    ]);
    await refused(2, /trained on WASM.*one thread.*, this is WASM.*2 threads/, "2/2", ["--threads", "2"]);
    await changed(
      edit("shard.json", (text) => text.replace(/"lab": "[^"]*"/, '"lab": "0.0.1"')),
      2,
      /shard-1-of-2: it was trained by another version \(.*lab 0\.0\.1/,
      // One shard agrees with itself.
      false,
    );
    await changed(
      edit("shard.json", (text) => text.replace('"shard": 1', '"shard": 2')),
      2,
      /by its shard\.json it is shard 2 of 2/,
    );
    await changed(edit("shard.json", () => "{"), 2, /shard\.json: it is damaged/);
    await changed(
      () => Deno.remove(join(place, "shard.json")),
      2,
      /it has no shard\.json\. It was copied in part/,
    );
    await changed(
      edit(join("runs", "tune-constant-0.02-101", "events.jsonl"), (text) => text.slice(0, -20)),
      1,
      /events\.jsonl has \d+ bytes, not \d+\. A file is damaged, or the folder was copied in part/,
    );
    await changed(
      edit(
        join("runs", "tune-constant-0.02-101", "events.jsonl"),
        (text) => text.replace(/\d(?=,"accuracy)/, "x"),
      ),
      1,
      /events\.jsonl is not what was written/,
    );
    await changed(() => Deno.remove(join(run, "run.json")), 1, /run\.json is missing/);
    await changed(
      edit(
        join("runs", "tune-constant-0.02-101", "files.json"),
        (text) => text.replace("run.json", "../spec.yaml"),
      ),
      1,
      /files\.json does not list run\.json/,
    );
  }));

Deno.test("two processes of one shard, and options that say nothing with a shard, are refused before anything is trained", () =>
  inFolder(async ({ spec, out, shard }) => {
    await Deno.mkdir(join(out, "shard-1-of-2"), { recursive: true });
    {
      using _lock = await lockFolder(join(out, "shard-1-of-2"));
      const second = await shard("1/2");
      assert.equal(second.code, 2);
      assert.match(second.text, /another process is at work in .*shard-1-of-2/);
    }
    const refused = async (args: readonly string[], text: RegExp, task = "train") => {
      const ran = await inProcess(task, args);
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, text);
    };
    await refused([spec, "--shard", "1/2"], /--shard needs --out/);
    await refused([spec, "--out", out, "--wait"], /--wait says nothing without --shard/);
    await refused([spec, "--out", out, "--shard", "3/2"], /such as 2\/3/);
    await refused([spec, "--out", out, "--shard", "0/2"], /such as 2\/3/);
    await refused([spec, "--out", out, "--shard", "1/2", "--serve", "0"], /--serve shows a whole study/);
    await refused(["0", "--out", out, "--shard", "1/2"], /Cannot split Theory into shards/, "exercise");
    await Deno.writeTextFile(join(out, "spec.yaml"), "name: other");
    await refused([spec, "--out", out, "--shard", "1/2", ...COMMON], /out: it holds another experiment/);
  }));
