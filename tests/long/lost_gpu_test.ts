import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../support/cli.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

const SPEC = `name: lost
dataset: { name: shapes, train: 64, validation: 16, test: 16, augment: [crop, flip] }
model: cnn-small
batch_size: 8
duration: 8 epochs
eval_every: 4 epochs
seeds: [1]
arms:
  - { name: mine, schedule: { name: custom, module: ./mine.ts } }
`;

/** A schedule that runs where the device does: told to, it ends the device in mid-run, as a driver that crashes does. */
const MODULE = `
const limit = Number(Deno.env.get("LOSE_GPU_AFTER") ?? Infinity);
const { createCommandEncoder } = GPUDevice.prototype;
let encoders = 0;
GPUDevice.prototype.createCommandEncoder = function (...args) {
  if (++encoders === limit) this.destroy();
  return createCommandEncoder.apply(this, args);
};
export const schedule = (step: number) => 0.05 / (1 + step / 10);
`;

Deno.test(
  "a GPU that is lost in mid-run ends it with its checkpoint kept, and it goes on from there",
  vulkan,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [spec, out, whole] = ["spec.yaml", "out", "whole"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await Deno.writeTextFile(spec, SPEC);
      await Deno.writeTextFile(join(folder, "mine.ts"), MODULE);
      const options = ["--backend", "webgpu", "--checkpoint-every", "0"];
      const lost = await cli("train", [spec, "--out", out, ...options], { env: { LOSE_GPU_AFTER: "60" } });
      assert.equal(lost.code, 1);
      assert.match(lost.stderr, /The GPU .* was lost/);
      const checkpoint = await Deno.readFile(join(out, "runs", "mine-1", "checkpoint.safetensors"));
      assert.ok(checkpoint.length > 0);
      const told = await eventsOf(out);
      const resumed = await cli("resume", [out, "--backend", "webgpu"]);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal((await cli("train", [spec, "--out", whole, "--fresh", ...options])).code, 0);
      const events = await eventsOf(out);
      assert.deepEqual(events, await eventsOf(whole));
      assert.ok(told.length > 0 && told.length < events.length);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function eventsOf(out: string) {
  const lines = (await Deno.readTextFile(join(out, "runs", "mine-1", "events.jsonl"))).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).map((event) =>
    event.kind === "ended" ? { ...event, ms_per_step: 0 } : event
  );
}
