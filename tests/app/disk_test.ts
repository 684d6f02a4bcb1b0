import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import { checkRuns, openFolder } from "#app/storage/folder.ts";
import { UsageError } from "#app/io.ts";
import { readEvents } from "#results/events.ts";
import { PLAN, PROVENANCE } from "../support/run_fixture.ts";
import { writeAtomic } from "#app/storage/write.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a folder that is not empty is left as it is, unless it is to be resumed", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "mine.txt"), "mine");
    await assert.rejects(
      openFolder(folder, false),
      (error: Error) => error instanceof UsageError && /not empty.*--out.*--resume/s.test(error.message),
    );
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["mine.txt"]);
    await openFolder(folder, true);
    assert.equal(await Deno.readTextFile(join(folder, "mine.txt")), "mine");
  }));

Deno.test("a folder that is a file, or lies below one, or is not there to resume, is refused by name", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(openFolder(file, false), { name: "UsageError", message: /file/ });
    await assert.rejects(openFolder(join(file, "below"), false), { name: "UsageError", message: /below/ });
    await assert.rejects(openFolder(join(folder, "none"), true), {
      name: "UsageError",
      message: /there is no such folder/,
    });
  }));

Deno.test("writing whole leaves the old text where it fails, and nothing beside it", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.json");
    await writeAtomic(path, "one");
    await writeAtomic(path, "two");
    assert.equal(await Deno.readTextFile(path), "two");
    await Deno.mkdir(join(folder, "taken"));
    await Deno.writeTextFile(join(folder, "taken", "x"), "");
    await assert.rejects(writeAtomic(join(folder, "taken"), "three"));
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(), [
      "a.json",
      "taken",
    ]);
  }));

Deno.test("events survive a crash in the middle of a line, and NaN survives JSON", () => {
  const step = { kind: "step", step: 0, lr: 0.1, momentum: 0.9, loss: NaN } as const;
  const text = `${JSON.stringify(step)}\n${JSON.stringify({ ...step, step: 1, loss: 2 })}\n{"kind":"st`;
  const events = readEvents(text, "events.jsonl");
  assert.equal(events.length, 2);
  assert.ok(events[0]!.kind === "step" && Number.isNaN(events[0]!.loss));
  assert.ok(events[1]!.kind === "step" && events[1]!.loss === 2);
});

Deno.test("a record is finished only for the very plan it was trained by", () =>
  inFolder(async (folder) => {
    await openFolder(folder, false);
    const store = diskStore(folder);
    const plan = { ...PLAN, total_steps: 1 };
    const other = { ...PLAN, total_steps: 2 };
    await store.begin({ plan, provenance: PROVENANCE });
    await store.append(plan, [{ kind: "step", step: 0, lr: 1, momentum: 0, loss: 1 }]);
    assert.equal(await store.finished(plan), null);
    await store.append(plan, [{ kind: "ended", step: 1, reason: "budget", detail: null, ms_per_step: 1 }]);
    assert.equal((await store.finished(plan))?.events.length, 2);
    assert.equal(await store.finished(other), null);
    assert.equal((await store.records()).length, 1);
  }));

Deno.test("a damaged record is refused by file, line and place, with what to remove", () =>
  inFolder(async (folder) => {
    await openFolder(folder, false);
    const store = diskStore(folder);
    await store.begin({ plan: PLAN, provenance: PROVENANCE });
    const [record, events] = ["run.json", "events.jsonl"].map((name) => join(folder, "runs", PLAN.id, name));
    const whole = await Deno.readTextFile(record!);
    const refused = async (path: string, text: string, message: RegExp) => {
      await Deno.writeTextFile(path, text);
      await assert.rejects(store.records(), (error: Error) => {
        assert.equal(error.name, "Failure");
        assert.match(error.message, message);
        assert.match(error.message, /Remove the folder .*runs\/a-1 to train this run again with --resume/);
        return true;
      });
    };
    const step = '{"kind":"step","step":0,"lr":0.1,"momentum":0.9,"loss":2}\n';
    await refused(events!, `${step}null\n`, /events\.jsonl is damaged: line 2, at its top: expected object/);
    await refused(events!, `${step}{}\n`, /events\.jsonl is damaged: line 2, at kind: /);
    await refused(
      events!,
      '{"kind":"step","step":0}\n',
      /events\.jsonl is damaged: line 1, at lr: expected number/,
    );
    await refused(events!, "garbage\n", /^Cannot read .*events\.jsonl, line 1: it is damaged \(.*JSON/);
    await Deno.writeTextFile(events!, "");
    await refused(record!, "{}", /run\.json: at version: expected 1 or 2, received nothing/);
    await refused(
      record!,
      whole.replace('"seed": 1', '"seed": "one"'),
      /run\.json: at plan\.seed: expected number/,
    );
    await refused(record!, whole.replace('"version": 2', '"version": 3'), /by a newer version of the lab/);
  }));

Deno.test("a folder that is gone is named in words, and not made anew", () =>
  inFolder(async (folder) => {
    const gone = join(folder, "gone");
    await openFolder(gone, false);
    const store = diskStore(gone);
    await store.begin({ plan: PLAN, provenance: PROVENANCE });
    await Deno.remove(gone, { recursive: true });
    const refused = {
      name: "Failure",
      message: /^The folder is not there, or no longer: \S*gone\S* could not/,
    };
    const ended = [{ kind: "ended", step: 1, reason: "budget", detail: null, ms_per_step: 1 }] as const;
    await assert.rejects(store.append(PLAN, ended), refused);
    await assert.rejects(store.writeSpec("x"), refused);
    await assert.rejects(store.begin({ plan: PLAN, provenance: PROVENANCE }), refused);
    await assert.rejects(
      store.keep(PLAN, { name: "checkpoint.safetensors", bytes: new Uint8Array(8) }),
      refused,
    );
    await assert.rejects(Deno.stat(gone), Deno.errors.NotFound);
  }));

Deno.test("a stray file among the runs is no run, and turns no guard off", () =>
  inFolder(async (folder) => {
    await openFolder(folder, false);
    const store = diskStore(folder);
    await store.begin({ plan: PLAN, provenance: PROVENANCE });
    await Deno.writeTextFile(join(folder, "runs", ".DS_Store"), "");
    await Deno.mkdir(join(folder, "runs", "mine"));
    assert.deepEqual((await store.records()).map(({ plan }) => plan.id), [PLAN.id]);
    await checkRuns(folder, "any spec", PROVENANCE);
    const other = { ...PROVENANCE, device: { ...PROVENANCE.device, name: "GPU" } };
    await assert.rejects(checkRuns(folder, "any spec", other), {
      name: "UsageError",
      message: /uses one device/,
    });
    await Deno.writeTextFile(join(folder, "runs", PLAN.id, "run.json"), "{}");
    await assert.rejects(checkRuns(folder, "any spec", other), { name: "Failure", message: /run\.json/ });
  }));
