import assert from "node:assert/strict";
import { join } from "node:path";
import { checkpointIdentity } from "#app/storage/checkpoints.ts";
import { diskStore } from "#app/storage/disk.ts";
import { copyFiles, readFile, saveFile } from "#app/storage/run_files.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { writeCheckpoint } from "#train/checkpoint.ts";
import type { StepEvent } from "#train/events.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";

const MADE = PROVENANCE;
const BELONGS = await checkpointIdentity(PLAN, MADE.device, MADE.data_digest);

/** A checkpoint after `step` steps, each of which told one event. */
async function checkpoint(
  step: number,
  about: { trainer_state?: unknown } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const state = { w: { shape: [2000], data: new Float32Array(2000).fill(step) } };
  return await writeCheckpoint({
    version: 2,
    ...BELONGS,
    step,
    events: step,
    state,
    feedback: null,
    trainer_state: { averaged: {}, busy_ms: 0, retained: [] },
    ...about,
  });
}

const steps = (from: number, to: number): StepEvent[] =>
  Array.from({ length: to - from }, (_, i) => ({
    kind: "step",
    step: from + i,
    lr: 0.1,
    momentum: 0.9,
    loss: from + i === 3 ? NaN : 2,
  }));

interface Place {
  readonly store: ReturnType<typeof diskStore>;
  /** The run's folder. */
  readonly run: string;
  readonly notices: string[];
  names(): Promise<string[]>;
}

/** An experiment with a run that was begun. */
async function inRun(body: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const notices: string[] = [];
  const store = diskStore(folder, { notify: (text) => notices.push(text) });
  const run = join(folder, "runs", PLAN.id);
  const names = async () => (await Array.fromAsync(Deno.readDir(run))).map(({ name }) => name).sort();
  try {
    await store.begin({ plan: PLAN, provenance: MADE });
    await body({ store, run, notices, names });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Ten events, checkpoints after 4 and 7 of them. */
async function breakOff({ store }: Place): Promise<void> {
  await store.append(PLAN, steps(0, 4));
  await store.keep(PLAN, { name: "checkpoint.safetensors", bytes: await checkpoint(4) });
  await store.append(PLAN, steps(4, 7));
  await store.keep(PLAN, { name: "checkpoint.safetensors", bytes: await checkpoint(7) });
  await store.append(PLAN, steps(7, 10));
}

async function flipBit(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1]! ^= 4;
  await Deno.writeFile(path, bytes);
}

Deno.test("a run that was broken off goes on from its newest checkpoint, its events cut back to it", () =>
  inRun(async (place) => {
    assert.equal(await place.store.brokenOff(PLAN, MADE), null);
    await breakOff(place);
    // What SIGKILL leaves: half a line, and half a file beside its target.
    await Deno.writeTextFile(join(place.run, "events.jsonl"), '{"kind":"st', { append: true });
    await Deno.writeTextFile(join(place.run, "checkpoint.safetensors.12345678.tmp"), "half");
    const broken = await place.store.brokenOff(PLAN, MADE);
    assert.deepEqual(broken?.checkpoint, await checkpoint(7));
    assert.deepEqual(broken?.events, steps(0, 7));
    assert.deepEqual((await place.store.records())[0]!.events, steps(0, 7));
    assert.deepEqual(place.notices, []);
    assert.deepEqual(await place.names(), [
      "checkpoint.previous.safetensors",
      "checkpoint.safetensors",
      "events.jsonl",
      "run.json",
    ]);
  }));

Deno.test("a damaged checkpoint is named and the one before it is taken", () =>
  inRun(async (place) => {
    await breakOff(place);
    await flipBit(join(place.run, "checkpoint.safetensors"));
    const broken = await place.store.brokenOff(PLAN, MADE);
    assert.deepEqual(broken?.checkpoint, await checkpoint(4));
    assert.deepEqual(broken?.events, steps(0, 4));
    assert.equal(place.notices.length, 1);
    assert.match(
      place.notices[0]!,
      /a-1\/checkpoint\.safetensors: .*damaged.*one before it, after 4 steps/,
    );
  }));

Deno.test("a crafted checkpoint, its digest and all, is named and the one before it is taken", () =>
  inRun(async (place) => {
    await breakOff(place);
    const trainer = { averaged: {}, busy_ms: 0 };
    const crafted: [trainer_state: unknown, message: RegExp][] = [
      [null, /averaged is undefined: expected/],
      [[], /averaged is undefined/],
      [{ ...trainer, averaged: { ema: -1 }, retained: [] }, /averaged is \{"ema":-1\}/],
      [{ ...trainer, averaged: { ema: "3" }, retained: [] }, /averaged is/],
      [{ averaged: {}, retained: [] }, /busy_ms is undefined/],
      [{ ...trainer, busy_ms: "1", retained: [] }, /busy_ms is "1"/],
      [{ ...trainer, retained: { length: 1 } }, /retained is \{"length":1\}/],
      [{ ...trainer, retained: [1] }, /retained is \[1\]/],
    ];
    for (const [index, [trainer_state, message]] of crafted.entries()) {
      await Deno.writeFile(join(place.run, "checkpoint.safetensors"), await checkpoint(7, { trainer_state }));
      assert.equal((await place.store.brokenOff(PLAN, MADE))?.events.length, 4);
      assert.match(place.notices[index]!, message);
    }
  }));

Deno.test("between the two renames the checkpoint before is the only one, and is taken", () =>
  inRun(async (place) => {
    await breakOff(place);
    await Deno.remove(join(place.run, "checkpoint.safetensors"));
    assert.deepEqual((await place.store.brokenOff(PLAN, MADE))?.checkpoint, await checkpoint(4));
    assert.deepEqual(place.notices, []);
  }));

Deno.test("where no checkpoint can be used all is refused and nothing is changed", () =>
  inRun(async (place) => {
    await breakOff(place);
    await flipBit(join(place.run, "checkpoint.safetensors"));
    await flipBit(join(place.run, "checkpoint.previous.safetensors"));
    await assert.rejects(place.store.brokenOff(PLAN, MADE), {
      name: "UsageError",
      message:
        /checkpoint\.safetensors: .*damaged.*\n.*previous\.safetensors: .*damaged.*\nNothing was changed.*--out/,
    });
    assert.deepEqual((await place.store.records())[0]!.events.length, 10);
  }));

Deno.test("a checkpoint of another run, data or device is refused by name", () =>
  inRun(async (place) => {
    await place.store.append(PLAN, steps(0, 4));
    await place.store.keep(PLAN, { name: "checkpoint.safetensors", bytes: await checkpoint(4) });
    const refused = (plan: RunPlan, provenance: RunRecord["provenance"], message: RegExp) =>
      assert.rejects(place.store.brokenOff(plan, provenance), { name: "UsageError", message });
    await refused({ ...PLAN, seed: 2 }, MADE, /its run is another one/);
    await refused({ ...PLAN, model: "mlp" }, MADE, /model cnn-small, not mlp/);
    await refused(PLAN, { ...MADE, data_digest: "ee" }, /digest dd, not ee/);
    await refused(
      PLAN,
      { ...MADE, device: { ...MADE.device, detail: "2 threads" } },
      /not on WASM \(2 threads\)/,
    );
    assert.equal((await place.store.brokenOff(PLAN, MADE))?.events.length, 4);
  }));

Deno.test("a checkpoint that counts more events than there are is passed over", () =>
  inRun(async (place) => {
    await breakOff(place);
    await Deno.writeTextFile(
      join(place.run, "events.jsonl"),
      steps(0, 5).map((event) => JSON.stringify(event) + "\n").join(""),
    );
    assert.equal((await place.store.brokenOff(PLAN, MADE))?.events.length, 4);
    assert.match(place.notices[0]!, /events\.jsonl holds 5 of the 7 events/);
  }));

Deno.test("a plan that keeps more of the same run goes on, and its record says so", () =>
  inRun(async (place) => {
    await breakOff(place);
    const plan: RunPlan = { ...PLAN, keep_end: true };
    assert.ok(await place.store.brokenOff(plan, MADE));
    assert.deepEqual((await place.store.records())[0]!.plan, plan);
  }));

Deno.test("checkpoints go when the run is finished, not when it is stopped; beginning again drops everything", () =>
  inRun(async (place) => {
    const { store, names } = place;
    await breakOff(place);
    const ended = { kind: "ended", step: 10, detail: null, ms_per_step: 1 } as const;
    await store.append(PLAN, [{ ...ended, reason: "stopped" }]);
    assert.ok((await names()).includes("checkpoint.safetensors"));
    await store.keep(PLAN, { name: "end.safetensors", bytes: await checkpoint(10) });
    await store.append(PLAN, [{ ...ended, reason: "budget" }]);
    assert.deepEqual(await names(), ["end.safetensors", "events.jsonl", "run.json"]);
    assert.deepEqual(await store.file(PLAN, "end.safetensors"), await checkpoint(10));
    await store.begin({ plan: PLAN, provenance: MADE });
    assert.deepEqual(await names(), ["events.jsonl", "run.json"]);
    assert.equal(await store.file(PLAN, "end.safetensors"), null);
  }));

Deno.test("snapshots come and go, and a run leaves no file outside its folder", () =>
  inRun(async ({ store, run }) => {
    const bytes = Uint8Array.of(1, 2, 3);
    await store.keep(PLAN, { name: "snapshots/cycle-2.safetensors", bytes });
    assert.deepEqual(await Deno.readFile(join(run, "snapshots", "cycle-2.safetensors")), bytes);
    await store.keep(PLAN, { name: "snapshots/cycle-2.safetensors", bytes: null });
    await store.keep(PLAN, { name: "snapshots/cycle-2.safetensors", bytes: null });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(run, "snapshots"))), []);
    for (
      const name of [
        "../a.safetensors",
        "snapshots/../../a.safetensors",
        "/tmp/a.safetensors",
        "a/b.safetensors",
        "run.json",
        "checkpoint.previous.safetensors",
        "a.safetensors\n",
        ".safetensors",
        "a\0.safetensors",
      ]
    ) {
      await assert.rejects(
        saveFile(run, { name, bytes }),
        { name: "RangeError", message: /leaves no file/ },
        name,
      );
      await assert.rejects(readFile(run, name), RangeError);
    }
  }));

Deno.test("what a run left is copied without its checkpoints", () =>
  inRun(async (place) => {
    await breakOff(place);
    await place.store.keep(PLAN, { name: "end.safetensors", bytes: await checkpoint(9) });
    await place.store.keep(PLAN, { name: "snapshots/cycle-1.safetensors", bytes: await checkpoint(8) });
    const to = await Deno.makeTempDir();
    await copyFiles(place.run, to);
    const names = (await Array.fromAsync(Deno.readDir(to))).map(({ name }) => name).sort();
    assert.deepEqual(names, ["end.safetensors", "snapshots"]);
    assert.deepEqual(await Deno.readFile(join(to, "snapshots", "cycle-1.safetensors")), await checkpoint(8));
    await Deno.remove(to, { recursive: true });
  }));

Deno.test("a process that reads all the while finds a whole checkpoint at every moment", () =>
  inRun(async ({ run }) => {
    await saveFile(run, { name: "checkpoint.safetensors", bytes: await checkpoint(0) });
    await saveFile(run, { name: "checkpoint.safetensors", bytes: await checkpoint(0) });
    let writing = true;
    const looks = { newest: 0, previous: 0 };
    const watch = (async () => {
      while (writing) {
        const newest = await Deno.readFile(join(run, "checkpoint.safetensors")).catch(() => null);
        const bytes = newest ?? await Deno.readFile(join(run, "checkpoint.previous.safetensors"));
        looks[newest ? "newest" : "previous"]++;
        assert.equal(bytes.length, (await checkpoint(0)).length);
      }
    })();
    for (let step = 0; step < 150; step++) {
      await saveFile(run, { name: "checkpoint.safetensors", bytes: await checkpoint(0) });
    }
    writing = false;
    await watch;
    assert.ok(looks.newest > 150, JSON.stringify(looks));
  }));

Deno.test("the checkpoint file that a run goes on from must be the one that it was planned with", () =>
  inRun(async ({ run }) => {
    const store = diskStore(run, { from: run });
    const bytes = new TextEncoder().encode("abc");
    await Deno.writeFile(join(run, "stuck.safetensors"), bytes);
    // FIPS 180-4's own example.
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.deepEqual(await store.startFile({ kind: "file", path: "stuck.safetensors", digest }), bytes);
    await flipBit(join(run, "stuck.safetensors"));
    await assert.rejects(store.startFile({ kind: "file", path: "stuck.safetensors", digest }), {
      name: "UsageError",
      message: /stuck\.safetensors: it was changed/,
    });
    await assert.rejects(store.startFile({ kind: "file", path: "none.safetensors", digest }), {
      name: "UsageError",
      message: /none\.safetensors/,
    });
  }));
