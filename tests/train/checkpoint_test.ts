import assert from "node:assert/strict";
import fc from "fast-check";
import { readSafetensors, writeSafetensors } from "#lib/safetensors.ts";
import {
  checkCheckpoint,
  type Checkpoint,
  CheckpointError,
  readCheckpoint,
  writeCheckpoint,
} from "#train/checkpoint.ts";

const CHECKPOINT: Checkpoint = {
  version: 2,
  key: "ab".repeat(32),
  device: "wasm (4 threads)",
  data_digest: "cd".repeat(32),
  model: "cnn-small",
  step: 128,
  events: 140,
  state: {
    "conv1/kernel": { shape: [2, 3], data: Float32Array.of(0, -0, 1e-45, -1e-40, Infinity, NaN) },
    "conv1/kernel/momentum": { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    "optimizer/steps": { shape: [1], data: Float32Array.of(128) },
  },
  feedback: { best: Infinity, bad: 0, scales: [null, -0] },
  trainer_state: { cycle: 2, best: { accuracy: 0.5, step: 64 } },
};

const bits = (data: Float32Array) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

Deno.test("a checkpoint comes back bit for bit, with the numbers that JSON has not", async () => {
  const bytes = await writeCheckpoint(CHECKPOINT);
  const back = await readCheckpoint(bytes);
  assert.deepEqual(back, CHECKPOINT);
  for (const [name, { data }] of Object.entries(CHECKPOINT.state)) {
    assert.deepEqual(bits(back.state[name]!.data), bits(data));
  }
  assert.deepEqual(await writeCheckpoint(back), bytes);
});

Deno.test("any float survives", async () => {
  await fc.assert(fc.asyncProperty(fc.float32Array(), async (data) => {
    const state = { w: { shape: [data.length], data } };
    const back = await readCheckpoint(await writeCheckpoint({ ...CHECKPOINT, state }));
    assert.deepEqual(bits(back.state.w!.data), bits(data));
  }));
});

Deno.test("every flipped bit and every truncation is noticed", async () => {
  const bytes = await writeCheckpoint(CHECKPOINT);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    await assert.rejects(
      readCheckpoint(bytes),
      { name: "CheckpointError", message: /damaged/ },
      `bit ${bit}`,
    );
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  for (let length = 0; length < bytes.length; length++) {
    await assert.rejects(readCheckpoint(bytes.subarray(0, length)), /damaged/);
  }
  await assert.rejects(readCheckpoint(new Uint8Array([...bytes, 0])), /damaged/);
});

Deno.test("tensors of another program are no checkpoint, and other versions and values are refused by name", async () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.rejects(readCheckpoint(bytes), { name: "CheckpointError", message });
  await refused(
    writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } }),
    /no checkpoint of the lab/,
  );
  await refused(new TextEncoder().encode("PK\x03\x04 is how a zip begins"), /none at all/);
  const changed = (change: Record<string, unknown>) =>
    writeCheckpoint({ ...CHECKPOINT, ...change } as Checkpoint);
  await refused(await changed({ version: 3 }), /version 3; this lab reads versions 1 and 2/);
  await refused(await changed({ step: -1 }), /step is -1: expected a whole number/);
  await refused(await changed({ events: 0.5 }), /events is 0.5/);
  await refused(await changed({ key: 7 }), /key is 7: expected a text/);
  await refused(
    await changed({ state: { w: { shape: [1], data: Float64Array.of(1) } } }),
    /w is no tensor of 32-bit floats/,
  );
  await assert.rejects(changed({ trainer_state: { weights: new Float32Array(1) } }), TypeError);
});

Deno.test("a checkpoint of another run, model, data or device is refused, and all that differs is named", () => {
  const { key, model, data_digest, device } = CHECKPOINT;
  const here = { key, model, data_digest, device };
  checkCheckpoint(CHECKPOINT, here);
  checkCheckpoint(CHECKPOINT, { model });
  for (
    const [change, message] of [
      [{ key: "other" }, /its run is another one/],
      [{ model: "resnet" }, /of model cnn-small, not resnet/],
      [{ data_digest: "00" }, /trained on other data \(digest cdcd/],
      [{ device: "webgpu" }, /written on wasm \(4 threads\), not on webgpu/],
      [{ device: "webgpu", model: "resnet" }, /cnn-small, not resnet; it was written on/],
    ] as const
  ) {
    assert.throws(() => checkCheckpoint(CHECKPOINT, { ...here, ...change }), (error) => {
      assert.ok(error instanceof CheckpointError);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("a checkpoint is a safetensors file that others can read", async () => {
  const { tensors, metadata } = readSafetensors(await writeCheckpoint(CHECKPOINT));
  assert.deepEqual(Object.keys(tensors), [...Object.keys(CHECKPOINT.state), "lr_lab/sha256"]);
  assert.equal(JSON.parse(metadata.lr_lab!).step, 128);
});
