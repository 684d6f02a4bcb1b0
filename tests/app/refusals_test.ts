import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeSafetensors } from "#lib/safetensors.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "#train/checkpoint.ts";
import { spawn } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";

const specOf = ({ model = "cnn-tiny", lr = 0.05, from = "" } = {}) =>
  `name: refusals
dataset: { name: shapes-16, train: 96, validation: 40, test: 50 }
model: ${model}
batch_size: 16
duration: 4000 epochs
eval_every: 4000 epochs
seeds: [1]
arms:
  - { name: a, ${from}schedule: { name: constant, lr: ${lr} } }
`;

const NEWEST = "runs/a-1/checkpoint.safetensors";
const PREVIOUS = "runs/a-1/checkpoint.previous.safetensors";

/** Trains until two checkpoints lie there and stops; the folder. */
async function brokenOff(folder: string, name: string, text: string): Promise<string> {
  const [spec, out] = [join(folder, `${name}.yaml`), join(folder, name)];
  await Deno.writeTextFile(spec, text);
  const args = [spec, "--out", out, "--backend", "wasm", "--threads", "1", "--checkpoint-every", "0.02"];
  const child = await spawn("train", args);
  const ended = child.output();
  while (!await Deno.stat(join(out, PREVIOUS)).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  // SIGKILL could come between the two renames, when the newest has not got its name yet.
  child.kill("SIGINT");
  assert.equal((await ended).code, 130);
  return out;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** Every file below, by digest. */
async function digests(folder: string): Promise<Record<string, string>> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const all = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) {
      return Object.entries(await digests(path)).map(([below, digest]) => [join(name, below), digest]);
    }
    return [[name, createHash("sha256").update(await Deno.readFile(path)).digest("hex")]];
  }));
  return Object.fromEntries(all.flat().toSorted());
}

type Change = (bytes: Uint8Array, other: Uint8Array) => Uint8Array | Promise<Uint8Array>;
const crafted = (changes: Record<string, unknown>): Change => async (bytes) =>
  await writeCheckpoint({ ...await readCheckpoint(bytes), ...changes } as Checkpoint);
const flipped = (bytes: Uint8Array) =>
  bytes.map((byte, index) => index === bytes.length >> 1 ? byte ^ 4 : byte);

/** What is done to both checkpoints of a run, and what is said to it. */
const DAMAGED: [what: string, change: Change, message: RegExp][] = [
  ["truncated", (bytes) => bytes.slice(0, bytes.length - 100), /checkpoint\.safetensors: .*damaged/],
  ["empty", () => new Uint8Array(), /checkpoint\.safetensors: .*damaged/],
  ["bit-flipped", flipped, /damaged: its bytes do not agree with their digest/],
  [
    "of another program",
    () => writeSafetensors({ w: { shape: [1], data: new Float32Array(1) } }),
    /no checkpoint of the lab, though it holds tensors/,
  ],
  ["of another model", (_, other) => other, /it is of model cnn-small, not cnn-tiny; its run is another one/],
  [
    "of another spec",
    crafted({ key: "0".repeat(64) }),
    /its run is another one \(the spec, the seed or the length/,
  ],
  ["of another version", crafted({ version: 3 }), /of version 3; this lab reads versions 1 and 2/],
  ["of other data", crafted({ data_digest: "0123" }), /trained on other data \(digest 0123, not /],
  ["of another device", crafted({ device: "abacus" }), /written on abacus, not on WASM/],
  ["without bookkeeping", crafted({ trainer_state: null }), /averaged is undefined/],
];

Deno.test("what cannot be resumed or started from is refused by name, and every run stays as it was", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const good = await brokenOff(folder, "good", specOf());
    const other = await brokenOff(folder, "other", specOf({ model: "cnn-small" }));
    const foreign = await Deno.readFile(join(other, NEWEST));
    const resume = (out: string) => inProcess("resume", [out, "--backend", "wasm", "--threads", "1"]);
    let number = 0;
    const copied = async () => {
      const out = join(folder, `copy-${++number}`);
      await copyFolder(good, out);
      return out;
    };
    const refused = async (out: string, message: RegExp) => {
      const before = await digests(join(out, "runs"));
      const ran = await resume(out);
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, message);
      assert.doesNotMatch(ran.stderr, /\n {4}at /, "a stack trace");
      assert.deepEqual(await digests(join(out, "runs")), before, "a run was changed");
    };

    for (const [what, change, message] of DAMAGED) {
      await t.step(`a checkpoint ${what}`, async () => {
        const out = await copied();
        for (const name of [NEWEST, PREVIOUS]) {
          const path = join(out, name);
          await Deno.writeFile(path, await change(await Deno.readFile(path), foreign));
        }
        await refused(out, message);
      });
    }

    await t.step("a spec that was changed in the folder", async () => {
      const out = await copied();
      const path = join(out, "spec.yaml");
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace("lr: 0.05", "lr: 0.06"));
      await refused(out, /its run is another one/);
      await Deno.writeTextFile(path, text.replace("lr: 0.05", "lr: fast"));
      await refused(out, /spec\.yaml:\d+:\d+: arms\[0\]\.schedule\.lr/);
    });

    await t.step("a second process in the folder of one at work", async () => {
      const out = await copied();
      const args = [out, "--backend", "wasm", "--threads", "1", "--checkpoint-every", "0.02"];
      const child = await spawn("resume", args);
      const ended = child.output();
      const before = (await Deno.stat(join(out, NEWEST))).mtime!.getTime();
      while ((await Deno.stat(join(out, NEWEST)).catch(() => null))?.mtime?.getTime() === before) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const second = await resume(out);
      child.kill("SIGINT");
      assert.equal((await ended).code, 130);
      assert.equal(second.code, 2, second.stderr);
      assert.match(second.stderr, /another process is at work in/);
    });

    const starts: [what: string, bytes: Uint8Array | null, message: RegExp][] = [
      ["a missing checkpoint", null, /Cannot start from start\.safetensors: there is no such file/],
      ["a damaged checkpoint", flipped(foreign), /start\.safetensors: The checkpoint is damaged/],
      [
        "a checkpoint of another model",
        foreign,
        /start\.safetensors: it is of model cnn-small, not cnn-tiny/,
      ],
    ];
    for (const [what, bytes, message] of starts) {
      await t.step(`a stage that names ${what}`, async () => {
        const path = join(folder, "start.safetensors");
        await (bytes ? Deno.writeFile(path, bytes) : Deno.remove(path).catch(() => {}));
        const spec = join(folder, "start.yaml");
        const stages = "stages: [{ name: one, schedule: { name: constant, lr: 0.1 } }]";
        await Deno.writeTextFile(
          spec,
          specOf().replace("schedule: { name: constant, lr: 0.05 }", `from: start.safetensors, ${stages}`),
        );
        const ran = await inProcess("train", [spec, "--out", join(folder, "new")]);
        assert.equal(ran.code, 2, ran.stderr);
        assert.match(ran.stderr, message);
        await assert.rejects(Deno.stat(join(folder, "new")), Deno.errors.NotFound);
      });
    }

    await t.step(
      "a damaged checkpoint before which there is a whole one is named and passed over",
      async () => {
        const out = await copied();
        const path = join(out, NEWEST);
        await Deno.writeFile(path, flipped(await Deno.readFile(path)));
        const { step } = await readCheckpoint(await Deno.readFile(join(out, PREVIOUS)));
        const child = await spawn("resume", [out, "--backend", "wasm", "--threads", "1"]);
        const warning = new RegExp(`damaged: .*Continuing from the one before it, after ${step} steps`);
        let text = "";
        for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
          text += part;
          if (warning.test(text)) break;
        }
        child.kill("SIGKILL");
        await child.stdout.cancel();
        await child.status;
        assert.match(text, warning);
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
