import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import { openFolder } from "#app/storage/folder.ts";
import { UsageError } from "#app/io.ts";
import { parseEvents } from "#app/storage/run_files.ts";
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
  const events = parseEvents(text);
  assert.equal(events.length, 2);
  assert.ok(events[0]!.kind === "step" && Number.isNaN(events[0]!.loss));
  assert.ok(events[1]!.kind === "step" && events[1]!.loss === 2);
});

Deno.test("a record is finished only for the very plan it was made from", () =>
  inFolder(async (folder) => {
    await openFolder(folder, false);
    const store = diskStore(folder);
    const plan = { id: "a-1", seed: 1, total_steps: 1 } as never;
    const other = { id: "a-1", seed: 1, total_steps: 2 } as never;
    await store.begin({ version: 1, plan, provenance: {} as never });
    await store.append(plan, [{ kind: "step", step: 0, lr: 1, momentum: 0, loss: 1 }]);
    assert.equal(await store.finished(plan), null);
    await store.append(plan, [{ kind: "ended", step: 1, reason: "budget", detail: null, ms_per_step: 1 }]);
    assert.equal((await store.finished(plan))?.events.length, 2);
    assert.equal(await store.finished(other), null);
    assert.equal((await store.records()).length, 1);
  }));
