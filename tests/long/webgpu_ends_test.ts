/**
 * How WebGPU processes end. A fault of 1 % shows in 300 of them with a probability of 95 %; `LR_LAB_REPEATS` sets another
 * number. A bare one takes 1.1 s of the processor, a training 3.2 s, and both hold the driver by the same call: so a tenth
 * of them train. Each row is `deno task test:long`'s to run, of which .ci/run runs a few.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cli } from "../support/cli.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");
const REPEATS = Number(Deno.env.get("LR_LAB_REPEATS") ?? 300);
const TRAININGS = Math.ceil(REPEATS / 10);

const SPEC = `name: short
dataset: { name: shapes, train: 16, validation: 8, test: 8 }
model: cnn-small
batch_size: 8
duration: 2 steps
seeds: [1]
arms:
  - { name: constant, schedule: { name: constant, lr: 0.05 } }
`;

interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** The ends other than exit code 0, counted: `{ SIGSEGV: 2 }`. */
async function abnormalEnds(
  count: number,
  start: (index: number) => Promise<Ended>,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const { code, signal } = await start(index);
    const end = signal ?? String(code);
    if (end !== "0") ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}

Deno.test(
  `${REPEATS} processes that end a worker on WebGPU and then themselves end with 0`,
  vulkan,
  async () => {
    const script = fileURLToPath(new URL("../app/webgpu_process.ts", import.meta.url));
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", script],
      stdout: "null",
      stderr: "null",
    });
    assert.deepEqual(await abnormalEnds(REPEATS, () => command.output()), {});
  },
);

Deno.test(`${TRAININGS} trainings on WebGPU end with 0`, vulkan, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const spec = join(folder, "spec.yaml");
    await Deno.writeTextFile(spec, SPEC);
    const train = (index: number) =>
      cli("train", [spec, "--backend", "webgpu", "--fresh", "--out", join(folder, String(index))]);
    assert.deepEqual(await abnormalEnds(TRAININGS, train), {});
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
