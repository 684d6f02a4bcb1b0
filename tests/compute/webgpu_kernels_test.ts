import assert from "node:assert/strict";
import { BATCH_NORM_DECAY, batchNormGradient, batchNormTraining } from "#compute/layers/batch_norm.ts";
import { channelSums, convolutionShape } from "#compute/reference/convolution.ts";
import type { ImageShape } from "#compute/layers/entry.ts";
import {
  globalAveragePool as averageTruth,
  globalAveragePoolGradient as averageGradientTruth,
} from "#compute/layers/global_average_pool.ts";
import { maxPool as maxTruth, maxPoolGradient as maxGradientTruth } from "#compute/layers/max_pool.ts";
import { softmaxLoss as referenceLoss } from "#compute/reference/loss.ts";
import { packPass } from "#compute/webgpu/controls.ts";
import { HARDWARE, MAX_TRIPS, SOFTWARE } from "#compute/webgpu/kernel.ts";
import * as norm from "#compute/webgpu/kernels/batch_norm.ts";
import { filterGradient } from "#compute/webgpu/kernels/filter_gradient.ts";
import { gatherBatch } from "#compute/webgpu/kernels/gather.ts";
import { softmaxLoss, softmaxLossGradient } from "#compute/webgpu/kernels/loss.ts";
import * as pool from "#compute/webgpu/kernels/pool.ts";
import { squareSums } from "#compute/webgpu/kernels/optimizer.ts";
import { columnSums, splitRows, sumParts } from "#compute/webgpu/kernels/sums.ts";
import { packItems, Source } from "#compute/webgpu/source.ts";
import { fillBatch } from "#train/batches.ts";
import { CROSS_ENTROPY, type LabelLossSpec } from "#train/loss.ts";
import { someBatch, syntheticData } from "../conformance/support.ts";
import { assertBelow, assertClose } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { bufferOf, normals, runKernels, sharedGpu } from "./webgpu_support.ts";

/** 32-bit rounding of sums that no pass makes longer than a few hundred terms. */
const TOLERANCE = 3e-6;

/** Above no difference at all, for what only chooses among values. */
const EXACT = Number.MIN_VALUE;

const vulkan = await requires("vulkan");
const wide = (values: Float32Array) => Float64Array.from(values);

/** Values of a batch norm, and what float64 makes of them. */
function batchNormCase(rows: number, channels: number) {
  // A mean of 50 deviations: where a variance from Σx² − (Σx)² would have no digits left.
  const x = normals(rows * channels, "x").map((value) => value + 50);
  const [gamma, beta, dy] = [normals(channels, 1), normals(channels, 2), normals(rows * channels, 3)];
  const [movingMean, movingVariance] = [normals(channels, 4), normals(channels, 5).map(Math.abs)];
  const state = {
    gamma: wide(gamma),
    beta: wide(beta),
    movingMean: wide(movingMean),
    movingVariance: wide(movingVariance),
  };
  const truth = batchNormTraining(wide(x), state, BATCH_NORM_DECAY);
  return {
    x,
    gamma,
    beta,
    dy,
    movingMean,
    movingVariance,
    truth,
    back: batchNormGradient(wide(dy), truth, state.gamma),
  };
}

const EXTENTS = [...LONG ? [[64 * 32 * 32, 32]] as const : [], [64 * 32 * 32, 16], [77, 5], [1, 2]] as const;
for (const [rows, channels] of EXTENTS) {
  let known: ReturnType<typeof batchNormCase> | undefined;
  for (const tuning of [SOFTWARE, HARDWARE]) {
    const title = `${rows}x${channels}, ${tuning === SOFTWARE ? "software" : "hardware"}`;
    Deno.test(`WGSL batch norm agrees with float64: ${title}`, vulkan, async () => {
      const gpu = await sharedGpu();
      const extent = { rows, channels };
      const { x, gamma, beta, dy, movingMean, movingVariance, truth, back } = known ??= batchNormCase(
        rows,
        channels,
      );
      const moments = norm.partialMoments(extent, tuning);
      const sums = norm.partialGradients(extent, tuning);
      const buffers = {
        x: bufferOf(gpu, x),
        dy: bufferOf(gpu, dy),
        gamma: bufferOf(gpu, gamma),
        beta: bufferOf(gpu, beta),
        mean: bufferOf(gpu, movingMean),
        variance: bufferOf(gpu, movingVariance),
        moments: bufferOf(gpu, moments.parts * 2 * channels),
        statistics: bufferOf(gpu, 2 * channels),
        y: bufferOf(gpu, rows * channels),
        sums: bufferOf(gpu, sums.parts * 2 * channels),
        dGamma: bufferOf(gpu, channels),
        dBeta: bufferOf(gpu, channels),
        dx: bufferOf(gpu, rows * channels),
        controls: bufferOf(gpu, packPass({ images: 0, keep: BATCH_NORM_DECAY })),
      };
      const b = buffers;
      gpu.queue.run([
        gpu.prepare(moments.kernel, [b.x, b.moments]),
        gpu.prepare(norm.joinMoments(extent, tuning), [
          b.moments,
          b.controls,
          b.statistics,
          b.mean,
          b.variance,
        ]),
        gpu.prepare(norm.normalise(extent, { relu: true }), [b.x, b.statistics, b.gamma, b.beta, b.y]),
        gpu.prepare(sums.kernel, [b.x, b.statistics, b.dy, b.sums]),
        gpu.prepare(norm.joinGradients(extent, tuning), [b.sums, b.dGamma, b.dBeta]),
        gpu.prepare(norm.inputGradient(extent, { mask: false }), [
          ...[b.x, b.statistics, b.gamma, b.dGamma, b.dBeta, b.dy, b.dx],
        ]),
      ]);
      const read = async (buffer: GPUBuffer) => new Float32Array(await gpu.read(buffer));
      const check = async (name: string, buffer: GPUBuffer, expected: Float64Array, factor = 1) => {
        const what = { device: "webgpu", kernel: `batch norm, ${name}`, shape: `${rows}x${channels}` };
        assertClose(what, await read(buffer), expected, factor * TOLERANCE);
      };
      // x itself carries 4e-6 of a deviation in rounding, being 50 of them from zero.
      await check("output", b.y, truth.output.map((value) => Math.max(0, value)), 5);
      await check("moving mean", b.mean, truth.movingMean);
      await check("moving variance", b.variance, truth.movingVariance);
      await check("gradient for beta", b.dBeta, back.beta);
      if (rows > 1) {
        await check("gradient for gamma", b.dGamma, back.gamma, 5);
        await check("gradient for the input", b.dx, back.input, 5);
      }
      for (const buffer of Object.values(buffers)) buffer.destroy();
    });
  }
}

Deno.test("WGSL column sums agree with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  for (const [rows, channels] of [[64 * 32 * 32, 16], [64, 10], [7, 3]] as const) {
    const values = normals(rows * channels, "sum");
    const { kernel, parts } = columnSums(rows, channels, SOFTWARE);
    const partial = bufferOf(gpu, parts * channels);
    const sums = await runKernels(gpu, [
      [kernel, [bufferOf(gpu, values), partial]],
      [sumParts(parts, channels), [partial, bufferOf(gpu, channels)]],
    ]);
    const what = { device: "webgpu", kernel: "bias gradient", shape: `${rows}x${channels}` };
    assertClose(what, sums, channelSums(wide(values), channels), TOLERANCE);
  }
});

Deno.test("WGSL pools agree with float64", vulkan, async () => {
  const gpu = await sharedGpu();
  const shapes: [ImageShape, number][] = [[[LONG ? 64 : 12, 32, 32, 16], 2], [[3, 7, 9, 5], 2], [
    [2, 9, 9, 6],
    3,
  ]];
  for (const [shape, size] of shapes) {
    const [batch, height, width, channels] = shape;
    const windows = batch * Math.floor(height / size) * Math.floor(width / size) * channels;
    // Rectified, so that many windows hold several equal largest values.
    const x = normals(batch * height * width * channels, "pool").map((value) => Math.max(0, value));
    const [dy, dAverage] = [normals(windows, "dy"), normals(batch * channels, "average")];
    const as = (kernel: string) => ({ device: "webgpu", kernel, shape: `${shape.join("x")} by ${size}` });
    const largest = await runKernels(gpu, [
      [pool.maxPool(shape, size), [bufferOf(gpu, x), bufferOf(gpu, windows)]],
    ]);
    assertClose(as("max pool"), largest, maxTruth(wide(x), shape, size), EXACT);
    const dx = bufferOf(gpu, new Float32Array(x.length));
    const back = await runKernels(gpu, [
      [pool.maxPoolGradient(shape, size, { mask: true }), [bufferOf(gpu, x), bufferOf(gpu, dy), dx]],
    ]);
    const truth = maxGradientTruth(wide(x), wide(dy), shape, size);
    const masked = truth.map((value, at) => x[at]! > 0 ? value : 0);
    assertClose(as("max pool, gradient"), back, masked, EXACT);
    const average = await runKernels(gpu, [
      [pool.globalAveragePool(shape), [bufferOf(gpu, x), bufferOf(gpu, batch * channels)]],
    ]);
    assertClose(as("global average pool"), average, averageTruth(wide(x), shape), TOLERANCE);
    const shared = await runKernels(gpu, [
      [pool.globalAveragePoolGradient(shape, { mask: true }), [
        ...[bufferOf(gpu, dAverage), bufferOf(gpu, x), bufferOf(gpu, x.length)],
      ]],
    ]);
    const even = averageGradientTruth(wide(dAverage), shape).map((value, at) => x[at]! > 0 ? value : 0);
    assertClose(as("global average pool, gradient"), shared, even, TOLERANCE);
  }
});

Deno.test("WGSL ReLU of its own and its gradient are exact", vulkan, async () => {
  const gpu = await sharedGpu();
  const [x, dy] = [normals(1023, "x"), normals(1023, "dy")];
  const y = await runKernels(gpu, [[pool.relu(1023), [bufferOf(gpu, x), bufferOf(gpu, 1023)]]]);
  assert.deepEqual(y, x.map((value) => Math.max(0, value)));
  const buffers = [bufferOf(gpu, x), bufferOf(gpu, dy), bufferOf(gpu, 1023)];
  const dx = await runKernels(gpu, [[pool.reluGradient(1023), buffers]]);
  assert.deepEqual(dx, dy.map((value, at) => x[at]! > 0 ? value : 0));
});

const LOSSES: readonly LabelLossSpec[] = [
  CROSS_ENTROPY,
  { name: "cross_entropy", label_smoothing: 0.1 },
  { name: "focal", gamma: 2 },
  { name: "focal", gamma: 0.5 },
];

/** Bytes four to a word, the first in the lowest. */
function packed(values: readonly number[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(values.length / 4));
  values.forEach((value, at) => words[at >> 2]! |= value << (8 * (at % 4)));
  return words;
}

for (const loss of LOSSES) {
  Deno.test(
    `WGSL ${Object.values(loss).join(" ")} agrees with float64, also for large logits`,
    vulkan,
    async () => {
      const gpu = await sharedGpu();
      for (
        const [spread, batch, each, classes] of [[1, 64, 1, 10], [90, 64, 1, 10], [1, 13, 5, 41]] as const
      ) {
        const rows = batch * each;
        const logits = normals(rows * classes, "logits").map((value) => value * spread);
        const labels = Array.from({ length: rows }, (_, item) => (item * 7) % classes);
        // The batch takes the images in reverse, so a label that is looked up by place is wrong.
        const items = Uint32Array.from({ length: 2 * batch }, (_, at) => at % 2 ? 0 : batch - 1 - at / 2);
        const stored = packed(
          Array.from({ length: batch }, (_, image) => {
            const item = batch - 1 - image;
            return labels.slice(item * each, (item + 1) * each);
          }).flat(),
        );
        const [results, gradient] = [bufferOf(gpu, 2 * rows), bufferOf(gpu, rows * classes)];
        const inputs = [bufferOf(gpu, logits), bufferOf(gpu, items), bufferOf(gpu, stored)];
        // The images of the update, of which this batch is a part.
        const controls = bufferOf(gpu, Float32Array.of(0, 0, 0, batch));
        gpu.queue.run([
          gpu.prepare(softmaxLoss({ batch, each, classes }, loss), [...inputs, results]),
          gpu.prepare(softmaxLossGradient({ batch, each, classes }, loss), [...inputs, controls, gradient]),
        ]);
        const truth = referenceLoss(wide(logits), labels, classes, loss);
        const seen = new Float32Array(await gpu.read(results));
        const mean = seen.reduce((sum, value, at) => at % 2 ? sum : sum + value, 0) / rows;
        const hits = seen.reduce((sum, value, at) => at % 2 ? sum + value : sum, 0);
        const as = (what: string) => ({
          device: "webgpu",
          kernel: `${loss.name}, ${what}`,
          shape: `${rows}x${classes}`,
        });
        assertBelow(as("loss"), Math.abs(mean - truth.loss) / truth.loss, TOLERANCE);
        assert.equal(hits, truth.correct);
        assertClose(as("gradient"), new Float32Array(await gpu.read(gradient)), truth.gradient, TOLERANCE);
      }
    },
  );
}

Deno.test("no reduction loops further than old drivers go, whatever its size", () => {
  for (const tuning of [SOFTWARE, HARDWARE]) {
    for (const rows of [1, 65_536, 4096 * 64 * 64]) {
      for (const channels of [1, 16, 512]) {
        const { parts, each } = splitRows(rows, channels, tuning);
        assert.ok(each <= MAX_TRIPS && parts <= MAX_TRIPS, `${rows}x${channels}: ${parts} parts of ${each}`);
        assert.ok(parts * each >= rows && (parts - 1) * each < rows);
      }
    }
    const layer = { filters: 512, kernel: 3, stride: 1, padding: "same" } as const;
    const shape = convolutionShape([4096, 64, 64, 512], layer);
    const { kernel, parts } = filterGradient(shape, tuning);
    assert.ok(kernel.sizes.each * shape.outWidth <= MAX_TRIPS && parts <= MAX_TRIPS);
  }
  const { kernel, parts } = squareSums(100_000_000, null);
  assert.ok(kernel.sizes.each <= MAX_TRIPS && parts <= MAX_TRIPS);
});

Deno.test("WGSL gather gives the bits of fillBatch", vulkan, async () => {
  const gpu = await sharedGpu();
  const data = syntheticData(50, 32);
  const batch = someBatch(data, 20, 48);
  using source = new Source(gpu, data, "train");
  const images = bufferOf(gpu, 48 * 32 * 32 * 3);
  const items = bufferOf(gpu, 2 * 48);
  gpu.queue.write(items, 0, packItems(batch));
  const [chunk] = source.chunks;
  gpu.queue.run([
    gpu.prepare(gatherBatch(48, data.shape, chunk!), [chunk!.pixels, source.table, items, images]),
  ]);
  const expected = new Float32Array(48 * 32 * 32 * 3);
  fillBatch(data, batch, expected);
  assert.deepEqual(new Float32Array(await gpu.read(images)), expected);
});
