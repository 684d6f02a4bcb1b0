import assert from "node:assert/strict";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { kernel, workgroups } from "#compute/webgpu/kernel.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import type { TrainingData } from "#train/data.ts";
import { learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { requires } from "../support/requires.ts";
import { bufferOf } from "./webgpu_support.ts";

const vulkan = await requires("vulkan");

const copy = (body: string) =>
  kernel({
    name: "copy_under_test",
    reads: { from: "f32" },
    writes: { to: "f32" },
    sizes: { invocations: 4 },
    body,
  });

Deno.test("an error inside WebGPU ends every later call and names the kernel", vulkan, async () => {
  using gpu = await Gpu.open();
  const [from, to] = [bufferOf(gpu, 4), bufferOf(gpu, 4)];
  gpu.queue.run([gpu.prepare(copy("to[index] = nonsense;"), [from, to])]);
  await assert.rejects(async () => await gpu.read(to), /copy_under_test/);
  assert.throws(() => gpu.assertHealthy(), /copy_under_test/);
});

Deno.test("a buffer beyond the device's limit is refused before it is made", vulkan, async () => {
  using gpu = await Gpu.open();
  const limit = gpu.facts.limits.maxBufferSize!;
  assert.throws(() => gpu.createBuffer("activations", 2 * limit), /activations .* MiB are needed/);
  gpu.assertHealthy();
});

Deno.test("a lost device ends every later call", vulkan, async () => {
  using gpu = await Gpu.open();
  const buffer = bufferOf(gpu, 4);
  // The device is destroyed behind the wrapper's back, which is what a crashed driver looks like from here.
  gpu.device.destroy();
  await gpu.device.lost;
  await assert.rejects(async () => await gpu.read(buffer), /lost/);
  assert.throws(() => gpu.assertHealthy(), /lost/);
});

Deno.test("too few buffers for a kernel are a TypeError", vulkan, async () => {
  using gpu = await Gpu.open();
  assert.throws(() => gpu.prepare(copy("to[index] = from[index];"), [bufferOf(gpu, 4)]), TypeError);
});

Deno.test("dispatches stay within the device's limit in each dimension", () => {
  for (const invocations of [1, 64, 65, 64 * 65_535, 64 * 65_535 + 1, 500_000_000]) {
    const [x, y] = workgroups(invocations, 65_535);
    assert.ok(x >= 1 && y >= 1 && x <= 65_535 && y <= 65_535);
    assert.ok(x * y * 64 >= invocations && (x * y - 2 * x) * 64 < invocations);
  }
});

Deno.test(
  "a step allocates nothing after the first, and the log outlives a thousand updates",
  vulkan,
  async () => {
    using gpu = await Gpu.open();
    const data = syntheticData(20, 8);
    using learner = new WebgpuLearner(gpu, learnerOptions("cnn-small", data, 4));
    const batch = someBatch(data, 0, 4);
    for (let step = 0; step < 10; step++) learner.update(batch, { lr: 1e-3, momentum: 0 });
    await learner.losses();
    let made = 0;
    const { createBuffer } = GPUDevice.prototype;
    gpu.device.createBuffer = (descriptor) => {
      // A read makes a buffer to map and destroys it again.
      if (!(descriptor.usage & GPUBufferUsage.MAP_READ)) made++;
      return createBuffer.call(gpu.device, descriptor);
    };
    for (let step = 0; step < 1100; step++) learner.update(batch, { lr: step * 1e-6, momentum: 0 });
    const applied = await learner.losses();
    assert.equal(applied.length, 1100);
    applied.forEach(({ lr }, step) => assert.equal(lr, Math.fround(step * 1e-6)));
    assert.equal(made, 0);
  },
);

Deno.test("images too many for a binding stay on the host and give the same bits", vulkan, async () => {
  using gpu = await Gpu.open();
  const data = syntheticData(20, 8);
  const options = learnerOptions("cnn-small", data, 8);
  const batch = someBatch(data, 3, 8);
  using onDevice = new WebgpuLearner(gpu, options);
  using onHost = new WebgpuLearner(gpu, { ...options, data: oversized(data, gpu) });
  for (const learner of [onDevice, onHost]) learner.update(batch, { lr: 0.1, momentum: 0.9 });
  assert.deepEqual(await onHost.losses(), await onDevice.losses());
  assert.deepEqual(await onHost.save(), await onDevice.save());
});

/** The same images at the front of more bytes than a binding holds; untouched pages cost no memory. */
function oversized(data: TrainingData, gpu: Gpu): TrainingData {
  const images = new Uint8Array(gpu.facts.limits.maxStorageBufferBindingSize! + 4);
  images.set(data.train.images);
  return { ...data, train: { ...data.train, images } };
}

Deno.test("WebGPU trains inside a worker", vulkan, async () => {
  const worker = new Worker(new URL("./webgpu_worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = await new Promise<{ loss: number; error?: string }>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    });
    assert.equal(answer.error, undefined);
    assert.ok(answer.loss > 0);
  } finally {
    worker.terminate();
  }
});
