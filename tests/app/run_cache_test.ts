import assert from "node:assert/strict";
import { join } from "node:path";
import { diskStore } from "#app/storage/disk.ts";
import { inProcess } from "../support/in_process.ts";

const specOf = (name: string, arms: string) =>
  `name: ${name}
dataset: { name: shapes-16, train: 32, validation: 16, test: 16 }
model: cnn-tiny
batch_size: 16
duration: 2 epochs
seeds: [1]
predictions: true
arms:
  - { name: first, schedule: { name: constant, lr: 0.05 } }
${arms}`;
const AFTER = `  - { name: after, from: first, duration: 3 epochs, schedule: { name: constant, lr: 0.01 } }
`;

Deno.test("a run of another experiment is taken with all that it left, and only where it left enough", async () => {
  const folder = await Deno.makeTempDir();
  const train = async (name: string, arms: string) => {
    const spec = join(folder, `${name}.yaml`);
    await Deno.writeTextFile(spec, specOf(name, arms));
    const ran = await inProcess("train", [
      spec,
      "--out",
      join(folder, "runs", name),
      "--backend",
      "wasm",
      "--threads",
      "1",
    ]);
    assert.equal(ran.code, 0, ran.stderr);
    const records = await diskStore(join(folder, "runs", name)).records();
    return Object.fromEntries(
      records.map(({ plan, provenance }) => [plan.id, provenance.reused_from ?? null]),
    );
  };
  const file = (name: string, run: string, what: string) =>
    Deno.readFile(join(folder, "runs", name, "runs", run, what));
  try {
    assert.deepEqual(await train("alone", ""), { "first-1": null });
    // Where the end to go on from is gone the run is trained again.
    await Deno.remove(join(folder, "runs", "alone", "runs", "first-1", "end.safetensors"));
    assert.deepEqual(await train("chain", AFTER), { "first-1": null, "after-1": null });
    const chain = (run: string) => join(folder, "runs", "chain", "runs", run);
    assert.deepEqual(await train("copy", AFTER), {
      "first-1": chain("first-1"),
      "after-1": chain("after-1"),
    });
    for (
      const [run, what] of [["first-1", "end"], ["first-1", "predictions"], [
        "after-1",
        "predictions",
      ]] as const
    ) {
      const name = `${what}.safetensors`;
      assert.deepEqual(await file("copy", run, name), await file("chain", run, name), `${run}/${name}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
