import assert from "node:assert/strict";
import { join } from "node:path";
import { lockFolder } from "#app/storage/lock.ts";
import { cli } from "../support/cli.ts";
import { repositoryRoot } from "../support/requires.ts";

/** Another process that holds the lock until it is ended. */
async function holder(folder: string): Promise<Deno.ChildProcess> {
  const lock = new URL("../../src/app/storage/lock.ts", import.meta.url).href;
  const code = `import { lockFolder } from "${lock}";
    globalThis.held = await lockFolder(Deno.args[0]);
    console.log("held");
    setInterval(() => {}, 1000);`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, code);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--config", `${repositoryRoot()}/deno.json`, script, folder],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /held/);
  await reader.cancel();
  await Deno.remove(script);
  return child;
}

Deno.test("two processes do not work in one folder, and one that was killed leaves no lock behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const child = await holder(folder);
    await assert.rejects(lockFolder(folder), {
      name: "UsageError",
      message: new RegExp(`another process is at work in ${folder}`),
    });
    child.kill("SIGKILL");
    await child.status;
    const lock = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), { name: "UsageError" });
    lock[Symbol.dispose]();
    (await lockFolder(folder))[Symbol.dispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("train --resume leaves a folder alone in which another process is at work", async () => {
  const folder = await Deno.makeTempDir();
  const child = await holder(folder);
  try {
    const spec = join(folder, "..", `${crypto.randomUUID()}.yaml`);
    await Deno.writeTextFile(
      spec,
      `name: two
dataset: { name: shapes, train: 32, validation: 16, test: 16 }
model: cnn-small
batch_size: 16
duration: 1 epoch
seeds: [1]
arms: [{ name: constant, schedule: { name: constant, lr: 0.1 } }]
`,
    );
    const { code, stderr } = await cli("train", [spec, "--out", folder, "--resume", "--backend", "wasm"]);
    await Deno.remove(spec);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /another process is at work in/);
    await assert.rejects(Deno.stat(join(folder, "spec.yaml")), Deno.errors.NotFound);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});
