import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { repositoryRoot, requires } from "../support/requires.ts";

/** Runs a script of this folder on a disk of 256 KiB, which goes when the script ends; what it printed as JSON. */
async function onSmallDisk(script: string): Promise<unknown> {
  const disk = await Deno.makeTempDir();
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=256k none "$1" && exec "$2" run --no-check -A --config "$3" "$4" "$1"',
        "sh",
        disk,
        Deno.execPath(),
        `${repositoryRoot()}/deno.json`,
        fileURLToPath(new URL(script, import.meta.url)),
      ],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(disk);
  }
}

Deno.test(
  "a disk that fills up in the middle of a write says so and keeps all that was there",
  await requires("mounts"),
  async () => {
    const found = await onSmallDisk("./full_disk.ts") as Record<string, unknown>;
    const full = (path: string) =>
      new RegExp(
        `^Failure: The disk is full: \\S+${path} could not be written. Nothing .* --resume, or build a report that is missing with \`report FOLDER\`$`,
      );
    assert.match(found.checkpoint as string, full("runs/a-1/checkpoint.safetensors"));
    assert.match(found.events as string, full("runs/a-1/events.jsonl"));
    assert.match(found.snapshot as string, full("runs/a-1/snapshots/cycle-1.safetensors"));
    assert.match(found.summary as string, full("spec.yaml"));
    assert.deepEqual(found.names, ["checkpoint.safetensors", "events.jsonl", "run.json", "snapshots"]);
    assert.equal(found.spec, "first");
    assert.equal(found.eventsBefore, found.eventsAfter);
    assert.equal(found.resumedAfter, 2);
  },
);
