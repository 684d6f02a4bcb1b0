import assert from "node:assert/strict";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { kernel, workgroups } from "#compute/webgpu/kernel.ts";
import { Sources } from "#compute/webgpu/sources.ts";
import type { TrainingData } from "#train/data.ts";
import { WebgpuLearner } from "#compute/webgpu/learner.ts";
import { assertAddsUp, assertCounts } from "#compute/webgpu/self_check.ts";
import { SMALL } from "../conformance/contract_cases.ts";
import { learnerOptions, someBatch, syntheticData } from "../conformance/support.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { bufferOf } from "./webgpu_support.ts";

const vulkan = await requires("vulkan");

const copy = (body: string) =>
  kernel({
    name: "copy_under_test",
    reads: { input: "f32" },
    writes: { output: "f32" },
    sizes: { invocations: 4 },
    body,
  });

Deno.test("an error inside WebGPU ends every later call and names the kernel", vulkan, async () => {
  using gpu = await Gpu.open();
  const [from, to] = [bufferOf(gpu, 4), bufferOf(gpu, 4)];
  gpu.queue.run([gpu.prepare(copy("output[index] = nonsense;"), [from, to])]);
  await assert.rejects(async () => await gpu.read(to), /copy_under_test/);
  assert.throws(() => gpu.assertHealthy(), /copy_under_test/);
});

Deno.test("a driver whose sums are wrong is refused, with what to install", vulkan, async () => {
  using gpu = await Gpu.open();
  // What training needs comes out right wherever the device opens.
  await assertAddsUp(gpu);
  const ones = 90_000;
  const result = bufferOf(gpu, 1);
  const naive = kernel({
    name: "naive_sum",
    reads: { input: "f32" },
    writes: { output: "f32" },
    sizes: { invocations: 1, rows: ones },
    body:
      "var sum = 0.0; for (var row = 0; row < sizes.rows; row++) { sum = sum + input[row]; } output[index] = sum;",
  });
  const inputs = [bufferOf(gpu, new Float32Array(ones).fill(1)), result];
  const sums = {
    name: naive.name,
    dispatches: [gpu.prepare(naive, inputs)],
    result,
    expected: Float32Array.of(ones),
  };
  // One loop as long as this is what old software drivers cut.
  if (!gpu.loopsEndEarly) await assertCounts(gpu, sums);
  else {
    await assert.rejects(
      assertCounts(gpu, sums),
      /^WebgpuUnavailable: .* computes wrongly: naive_sum adds up 90000 ones and gets \d+\. Install Mesa 25/,
    );
  }
  // Nothing wrote to it: the silent zeros of a driver that refused the work.
  const untouched = gpu.createBuffer("untouched", 4);
  await assert.rejects(
    assertCounts(gpu, { ...sums, dispatches: [], result: untouched }),
    /adds up 90000 ones and gets 0\. Install/,
  );
});

Deno.test("a buffer beyond the device's limit is refused before it is made", vulkan, async () => {
  using gpu = await Gpu.open();
  const limit = gpu.facts.limits.maxBufferSize!;
  assert.throws(() => gpu.createBuffer("activations", 2 * limit), /activations .* MiB are needed/);
  gpu.assertHealthy();
});

Deno.test(
  "what does not fit is refused when a learner is made",
  vulkan,
  async () => {
    using gpu = await Gpu.open({ bufferLimit: 1 << 20 });
    const data = syntheticData(20);
    await assert.rejects(
      WebgpuLearner.open(gpu, learnerOptions("cnn-small", data, 64)),
      /^RangeError: Cannot allocate output of conv on .*: 4 MiB are needed, 1 MiB is the device's limit for one buffer; take a smaller batch$/,
    );
    gpu.assertHealthy();
  },
);

Deno.test("memory that gives out is named", vulkan, async () => {
  using gpu = await Gpu.open();
  // Software drivers promise more than there is; the event is what a GPU's driver sends.
  const error = new GPUOutOfMemoryError("not enough memory left");
  gpu.device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
  assert.throws(
    () => gpu.assertHealthy(),
    /is out of memory; take a smaller batch.*: not enough memory left/,
  );
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
  assert.throws(() => gpu.prepare(copy("output[index] = input[index];"), [bufferOf(gpu, 4)]), TypeError);
});

Deno.test("dispatches stay within the device's limit in each dimension", () => {
  for (const invocations of [1, 64, 65, 64 * 65_535, 64 * 65_535 + 1, 500_000_000]) {
    const [x, y] = workgroups(invocations, 65_535);
    assert.ok(x >= 1 && y >= 1 && x <= 65_535 && y <= 65_535);
    assert.ok(x * y * 64 >= invocations && (x * y - 2 * x) * 64 < invocations);
  }
});

/** Past 1,024, where the log is full. */
const UNREAD = 1100;
/** Steps whose losses are read as they come; long tests follow them for longer. */
const READ = LONG ? 900 : 100;

Deno.test(
  `no buffer is left behind by ${UNREAD + READ} steps, and the log outlives those that nobody reads`,
  vulkan,
  async () => {
    using gpu = await Gpu.open();
    let [made, alive] = [0, 0];
    const { createBuffer } = GPUDevice.prototype;
    gpu.device.createBuffer = (descriptor) => {
      const buffer = createBuffer.call(gpu.device, descriptor);
      made++;
      alive++;
      buffer.destroy = () => {
        alive--;
        GPUBuffer.prototype.destroy.call(buffer);
      };
      return buffer;
    };
    const data = syntheticData(20, 8);
    const before = alive;
    {
      using learner = new WebgpuLearner(gpu, learnerOptions(SMALL, data, 4));
      const update = (step: number) =>
        learner.update(someBatch(data, step, step % 5 === 4 ? 3 : 4), { lr: step * 1e-6, momentum: 0 });
      const validate =
        async () => [await learner.evaluate("validation"), await learner.predict("validation")];
      for (let step = 0; step < 10; step++) update(step);
      await learner.losses();
      await validate();
      const [madeFirst, aliveFirst] = [made, alive];
      for (let step = 0; step < UNREAD; step++) update(step);
      const applied = await learner.losses();
      assert.deepEqual(applied.map(({ lr }) => lr), applied.map((_, step) => Math.fround(step * 1e-6)));
      assert.equal(applied.length, UNREAD);
      // The log was full once; a read makes a buffer to map.
      assert.equal(made - madeFirst, 2);
      for (let step = 0; step < READ; step++) {
        update(step);
        if (step % 16 === 15) await learner.losses();
        if (step % 300 === 99) await validate();
      }
      await learner.losses();
      assert.equal(alive, aliveFirst);
    }
    // A few of the sizes that kernels were given stay with the device.
    assert.ok(alive - before < 60, `${alive - before} buffers are left by a learner that was closed`);
  },
);

Deno.test(
  "learners of a device share its data, and the data of another learner take their place",
  vulkan,
  async () => {
    using gpu = await Gpu.open();
    const sources = new Sources(gpu);
    let [made, alive] = [0, 0];
    const { createBuffer } = GPUDevice.prototype;
    gpu.device.createBuffer = (descriptor) => {
      const buffer = createBuffer.call(gpu.device, descriptor);
      if (!/images|labels|normalisation/.test(descriptor.label!)) return buffer;
      made++;
      alive++;
      buffer.destroy = () => {
        alive--;
        GPUBuffer.prototype.destroy.call(buffer);
      };
      return buffer;
    };
    const losses = async (data: TrainingData) => {
      using learner = await WebgpuLearner.open(gpu, learnerOptions(SMALL, data, 4), sources);
      learner.update(someBatch(data, 0, 4), { lr: 0.1, momentum: 0 });
      return await learner.losses();
    };
    const [one, other] = [syntheticData(20, 8), syntheticData(24, 8)];
    const first = await losses(one);
    // Images, labels and table of two splits, besides a batch's images in each of two programs, which go with them.
    assert.deepEqual([made, alive], [8, 6]);
    assert.deepEqual(await losses(one), first);
    assert.deepEqual([made, alive], [10, 6]);
    {
      using holding = sources.open(one);
      holding.get("train");
      await losses(other);
      assert.deepEqual([made, alive], [18, 12]);
    }
    await losses(other);
    assert.deepEqual([made, alive], [20, 6]);
  },
);

Deno.test("images too many for one buffer lie in several and give the same bits", vulkan, async () => {
  const side = 8;
  const data = syntheticData(1200, side);
  const model = { ...SMALL, input: data.shape };
  const train = async (bufferLimit?: number) => {
    using gpu = await Gpu.open({ bufferLimit });
    let buffers = 0;
    const { createBuffer } = GPUDevice.prototype;
    gpu.device.createBuffer = (descriptor) => {
      if (descriptor.label === "train images") buffers++;
      return createBuffer.call(gpu.device, descriptor);
    };
    using learner = new WebgpuLearner(gpu, learnerOptions(model, data, 4));
    for (const start of [0, 510, 1022]) learner.update(someBatch(data, start, 4), { lr: 0.1, momentum: 0.9 });
    const { loss } = await learner.evaluate("validation");
    return { buffers, results: [await learner.losses(), await learner.save(), loss] };
  };
  const [whole, parted] = [await train(), await train(512 * side * side * 3)];
  // 512 images a buffer: the second and third batch take from two.
  assert.deepEqual([whole.buffers, parted.buffers], [1, 3]);
  assert.deepEqual(parted.results, whole.results);
});

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
