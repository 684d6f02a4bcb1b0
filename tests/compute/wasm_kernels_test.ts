import assert from "node:assert/strict";
import fc from "fast-check";
import { convolve, inputGradient, kernelGradient, TABLE_BYTES } from "#compute/wasm/convolution.ts";
import {
  type Geometry,
  gradientMargins,
  inputMargins,
  packedFloats,
  tileFloats,
} from "#compute/wasm/geometry.ts";
import { bestBuild, type Kernels, loadKernels } from "#compute/wasm/kernels.ts";
import { Arena, GUARD_BYTES, type Plane, strides } from "#compute/wasm/plane.ts";
import * as reference from "#compute/reference/convolution.ts";
import * as pools from "#compute/layers/max_pool.ts";
import * as relus from "#compute/layers/relu.ts";
import { softmaxLoss } from "#compute/reference/loss.ts";
import { random } from "#lib/prng.ts";
import { fillBatch, normalisation } from "#train/batches.ts";
import { CROSS_ENTROPY, type LabelLossSpec, lossFactors } from "#train/loss.ts";
import { assertBelow, assertClose, relativeError } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { firstBatch, noiseData } from "./wasm_support.ts";

/** A memory whose every byte outside the images of planes is checked to stay as it was. */
class Bench {
  readonly arena = new Arena();
  #memory: WebAssembly.Memory | null = null;
  kernels!: Kernels;

  start(): void {
    this.#memory = this.arena.createMemory();
    this.kernels = loadKernels(this.#memory, bestBuild());
    for (const at of this.arena.guards) this.#guard(at).fill(0xa5);
  }

  assertGuards(): void {
    for (const at of this.arena.guards) assert.ok(this.#guard(at).every((byte) => byte === 0xa5));
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.#memory!.buffer, at, count);
  }

  bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.#memory!.buffer, at, count);
  }

  /** The images of a plane as a dense array; `values` are written first where they are given. */
  images(plane: Plane, batch: number, values?: ArrayLike<number>): Float32Array {
    const { height, width, channels } = plane;
    const dense = new Float32Array(batch * height * width * channels);
    let index = 0;
    for (let item = 0; item < batch; item++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const at = plane.at + item * plane.image + y * plane.row + x * plane.pixel;
          const pixel = this.floats(at, channels);
          for (let c = 0; c < channels; c++, index++) {
            if (values) pixel[c] = values[index]!;
            dense[index] = pixel[c]!;
          }
        }
      }
    }
    return dense;
  }

  #guard(at: number): Uint8Array {
    return this.bytes(at, GUARD_BYTES);
  }
}

function normals(seed: string, count: number): Float32Array {
  const source = random("kernels", seed);
  return Float32Array.from({ length: count }, () => source.normal());
}

/** Shapes that real networks have, and those that catch tails: any kernel, stride, padding and channel count. */
const shapes = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  size: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  inChannels: fc.integer({ min: 1, max: 19 }),
  outChannels: fc.integer({ min: 1, max: 19 }),
  padding: fc.constantFrom("same" as const, "valid" as const),
  relu: fc.boolean(),
}).filter(({ size, kernel, padding }) => padding === "same" || size.every((s, a) => s >= kernel[a]!));

Deno.test("convolution and both gradients are float64's for any shape, and write nothing else", () => {
  fc.assert(fc.property(shapes, (shape) => void checkConvolution(shape)), { numRuns: 150, seed: 11 });
});

Deno.test("so are those that go by Winograd's algorithm", () => {
  const wide = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.tuple(fc.integer({ min: 2, max: 6 }), fc.constantFrom(2, 3, 5, 8, 53))
      .map(([rows, columns]) => [2 * rows, 2 * columns] as [number, number]),
    kernel: fc.constant([3, 3] as [number, number]),
    stride: fc.constant([1, 1] as [number, number]),
    inChannels: fc.constantFrom(16, 40),
    outChannels: fc.constantFrom(16, 24, 56),
    padding: fc.constantFrom("same" as const, "valid" as const),
    relu: fc.boolean(),
  });
  fc.assert(fc.property(wide, (shape) => void checkConvolution(shape)), { numRuns: 15, seed: 13 });
});

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** The longest sums are tried once; other batches as large, whose float64 takes seconds, in the long tests alone. */
const [BATCH, WIDE] = LONG ? [64, 16] : [5, 2];

// Every convolution of the lab's models, at the sizes that they train at.
for (
  const [batch, size, inChannels, outChannels] of [
    [64, 32, 3, 16],
    [BATCH, 16, 16, 32],
    [BATCH, 8, 32, 64],
    [WIDE, 32, 3, 32],
    [WIDE, 32, 32, 32],
    [WIDE, 16, 32, 64],
    [WIDE, 16, 64, 64],
    [WIDE, 8, 64, 128],
    [WIDE, 8, 128, 128],
  ] as const
) {
  Deno.test(`batch ${batch} of ${size}×${size}, ${inChannels} → ${outChannels}: within 4e-6 of float64`, () => {
    const errors = checkConvolution({
      batch,
      size: [size, size],
      kernel: [3, 3],
      stride: [1, 1],
      inChannels,
      outChannels,
      padding: "same",
      relu: true,
    });
    const shape = `${batch}x${size}x${size}x${inChannels}→${outChannels} kernel 3x3 stride 1x1`;
    for (const [kernel, error] of Object.entries(errors)) {
      assertBelow({ device: "wasm", kernel, shape }, error, 4e-6);
    }
  });
}

/** Runs the three kernels on random values; the largest difference of each, as a share of the largest value. */
function checkConvolution(
  { batch, size, kernel, stride, inChannels, outChannels, padding, relu }: Shape,
): Record<string, number> {
  const rows = reference.slidingWindow(size[0], kernel[0], stride[0], padding);
  const columns = reference.slidingWindow(size[1], kernel[1], stride[1], padding);
  const geometry: Geometry = {
    input: size,
    output: [rows.count, columns.count],
    kernel,
    stride,
    before: [rows.before, columns.before],
    inChannels,
    outChannels,
  };
  // 1. Buffers.
  const bench = new Bench();
  const { arena } = bench;
  const input = arena.plane(batch, [...size, inChannels], inputMargins(geometry));
  const output = arena.plane(batch, [rows.count, columns.count, outChannels]);
  const outGradient = arena.plane(
    batch,
    [rows.count, columns.count, outChannels],
    gradientMargins(geometry),
    stride,
  );
  const inGradient = arena.plane(batch, [...size, inChannels]);
  const filterFloats = kernel[0] * kernel[1] * inChannels * outChannels;
  const [weights, filter, bias] = [filterFloats, filterFloats, outChannels].map((count) =>
    arena.floats(count)
  );
  const floats = packedFloats(geometry);
  const scratch = {
    packed: arena.floats(floats),
    work: arena.floats(floats),
    table: arena.allocate(TABLE_BYTES),
    tiles: arena.floats(tileFloats(geometry)),
  };
  bench.start();
  // 2. Values.
  const x = normals("x", batch * size[0] * size[1] * inChannels);
  const w = normals("w", filterFloats);
  const b = normals("b", outChannels);
  const dz = normals("dz", batch * rows.count * columns.count * outChannels);
  bench.images(input, batch, x);
  bench.images(outGradient, batch, dz);
  bench.floats(weights!, w.length).set(w);
  bench.floats(bias!, b.length).set(b);
  // 3. The kernels against the loops.
  const { kernels } = bench;
  convolve(
    kernels,
    geometry,
    { input, output },
    { kernel: weights!, bias: bias!, relu },
    scratch,
    batch,
  );
  kernelGradient(kernels, geometry, { input, outGradient }, filter!, scratch, batch);
  inputGradient(kernels, geometry, { outGradient, inGradient }, weights!, scratch, batch);
  bench.assertGuards();
  const plain = {
    batch,
    inHeight: size[0],
    inWidth: size[1],
    inChannels,
    outHeight: rows.count,
    outWidth: columns.count,
    outChannels,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    padTop: rows.before,
    padLeft: columns.before,
  };
  const [x64, w64, dz64] = [x, w, dz].map((values) => Float64Array.from(values));
  const forward = reference.convolve(x64!, w64!, plain);
  reference.addBias(forward, Float64Array.from(b));
  const errors: Record<string, number> = {};
  const close = (seen: Float32Array, wanted: Float64Array, what: string) => {
    errors[what] = relativeError(seen, wanted);
    assert.ok(errors[what] < 1e-5, `${what}: ${errors[what]}`);
  };
  close(bench.images(output, batch), relu ? relus.relu(forward) : forward, "convolution + bias + ReLU");
  const filterSeen = bench.floats(filter!, filterFloats);
  close(filterSeen, reference.convolveKernelGradient(x64!, dz64!, plain), "convolution, kernel gradient");
  close(
    bench.images(inGradient, batch),
    reference.convolveInputGradient(dz64!, w64!, plain),
    "convolution, input gradient",
  );
  return errors;
}

Deno.test("max pool and its gradient are exact, ties and channel tails included", () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 2, max: 9 }),
    width: fc.integer({ min: 2, max: 9 }),
    channels: fc.integer({ min: 1, max: 11 }),
    size: fc.integer({ min: 1, max: 3 }),
  }).filter(({ height, width, size }) => height >= size && width >= size);
  fc.assert(
    fc.property(cases, ({ batch, height, width, channels, size }) => {
      const bench = new Bench();
      const { arena } = bench;
      const pooled = [Math.floor(height / size), Math.floor(width / size), channels] as const;
      const margins = { top: 1, left: 2, rows: height + 3, columns: width + 2 };
      const [x, dx] = [0, 1].map(() => arena.plane(batch, [height, width, channels], margins)) as [
        Plane,
        Plane,
      ];
      const [y, dy] = [0, 1].map(() => arena.plane(batch, pooled)) as [Plane, Plane];
      const sums = arena.floats(channels);
      bench.start();
      // Few distinct values, so that windows hold ties.
      const values = normals("pool", batch * height * width * channels).map((value) => Math.round(value));
      const gradients = normals("pool gradient", batch * pooled[0] * pooled[1] * channels);
      bench.images(x, batch, values);
      bench.images(dy, batch, gradients);
      const sizes = [batch, pooled[0], pooled[1], channels, size];
      bench.kernels.maxPool(x.at, y.at, ...sizes, ...strides(x), ...strides(y));
      const layouts = [x, y, dy, dx].flatMap(strides);
      bench.kernels.maxPoolGradient(x.at, y.at, dy.at, dx.at, sums, ...sizes, ...layouts, 0);
      bench.assertGuards();
      const shape = [batch, height, width, channels] as const;
      const x64 = Float64Array.from(values);
      assert.deepEqual([...bench.images(y, batch)], [...pools.maxPool(x64, shape, size)]);
      const wanted = pools.maxPoolGradient(x64, Float64Array.from(gradients), shape, size);
      assert.deepEqual([...bench.images(dx, batch)], [...wanted]);
      const seen = bench.floats(sums, channels);
      assert.ok(relativeError(seen, reference.channelSums(wanted, channels)) < 1e-5);
      // Through a ReLU, what comes from below zero stays there.
      bench.kernels.maxPoolGradient(x.at, y.at, dy.at, dx.at, 0, ...sizes, ...layouts, 1);
      assert.deepEqual([...bench.images(dx, batch)], [...relus.reluGradient(x64, wanted)]);
    }),
    { numRuns: 60, seed: 12 },
  );
});

Deno.test("average pools of any window are float64's, and write nothing else", () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 3, max: 12 }),
    window: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 11 }),
  });
  fc.assert(fc.property(cases, (shape) => checkAveragePool(shape)), { numRuns: 60, seed: 17 });
  checkAveragePool({ batch: 64, size: 32, window: 2, stride: 2, channels: 16 });
});

function checkAveragePool(
  { batch, size, window, stride, channels }: Record<
    "batch" | "size" | "window" | "stride" | "channels",
    number
  >,
): void {
  const out = Math.floor((size - window) / stride) + 1;
  const bench = new Bench();
  const [x, y, dy, dx] = [size, out, out, size].map((side) =>
    bench.arena.plane(batch, [side, side, channels])
  );
  bench.start();
  const pixels = normals("average", batch * size * size * channels);
  const gradients = normals("gradient", batch * out * out * channels);
  bench.images(x!, batch, pixels);
  bench.images(dy!, batch, gradients);
  bench.images(dx!, batch, new Float32Array(pixels.length));
  const sizes = [batch, size, size, channels, out, out, window, window, stride, stride];
  bench.kernels.averagePoolWindows(x!.at, y!.at, ...sizes);
  bench.kernels.averagePoolWindowsGradient(dy!.at, dx!.at, ...sizes);
  bench.assertGuards();
  const forward = new Float64Array(gradients.length);
  const backward = new Float64Array(pixels.length);
  for (let index = 0; index < forward.length; index++) {
    const c = index % channels, column = Math.floor(index / channels) % out;
    const row = Math.floor(index / channels / out) % out, item = Math.floor(index / channels / out / out);
    for (let i = 0; i < window * window; i++) {
      const at =
        ((item * size + row * stride + Math.floor(i / window)) * size + column * stride + i % window) *
          channels + c;
      forward[index]! += pixels[at]! / (window * window);
      backward[at]! += gradients[index]! / (window * window);
    }
  }
  const as = (kernel: string) => ({
    device: "wasm",
    kernel,
    shape: `${batch}x${size}x${size}x${channels} by ${window}`,
  });
  assertClose(as("average pool"), bench.images(y!, batch), forward, 1e-6);
  assertClose(as("average pool, gradient"), bench.images(dx!, batch), backward, 1e-6);
}

Deno.test("a batch is filled with the bits of fillBatch", () => {
  for (const shape of [[32, 32, 3], [7, 5, 1], [6, 9, 2]] as const) {
    const data = noiseData(shape, 10, { train: 40, validation: 1, test: 1 });
    const batch = firstBatch(data, 37);
    const size = batch.indices.length;
    const bench = new Bench();
    const pixels = shape[0] * shape[1] * shape[2];
    const bytes = bench.arena.allocate(size * pixels);
    const moves = bench.arena.allocate(3 * size);
    const table = bench.arena.floats(shape[2] * 256);
    const margins = { top: 2, left: 1, rows: shape[0] + 3, columns: shape[1] + 2 };
    const out = bench.arena.plane(size, shape, margins);
    bench.start();
    batch.indices.forEach((index, item) =>
      bench.bytes(bytes + item * pixels, pixels).set(
        data.train.images.subarray(index * pixels, (index + 1) * pixels),
      )
    );
    bench.bytes(moves, 3 * size).set(
      [...batch.shiftX, ...batch.shiftY, ...batch.flip].map((value) => value & 255),
    );
    bench.floats(table, shape[2] * 256).set(normalisation(data));
    bench.kernels.fillInput(bytes, moves, table, out.at, size, ...shape, out.row, out.image);
    bench.assertGuards();
    const wanted = new Float32Array(size * pixels);
    fillBatch(data, batch, wanted);
    assert.deepEqual(bench.images(out, size), wanted);
  }
});

const LOSSES: readonly LabelLossSpec[] = [
  CROSS_ENTROPY,
  { name: "cross_entropy", label_smoothing: 0.1 },
  { name: "focal", gamma: 2 },
  { name: "focal", gamma: 0.5 },
];

for (const loss of LOSSES) {
  const { smoothing, gamma } = lossFactors(loss);
  Deno.test(`${Object.values(loss).join(" ")} is float64's from −80 to 80, and NaN is not hidden`, () => {
    const classes = 10;
    const batch = 200;
    const bench = new Bench();
    const [logits, gradient] = [0, 1].map(() => bench.arena.floats(batch * classes)) as [number, number];
    const labels = bench.arena.floats(batch);
    const correct = bench.arena.floats(1);
    bench.start();
    const values = normals("logits", batch * classes).map((value, index) => value * (index % 37));
    const source = random("labels");
    const classesOf = Array.from({ length: batch }, () => source.below(classes));
    bench.floats(logits, values.length).set(values);
    new Int32Array(bench.floats(labels, batch).buffer, labels, batch).set(classesOf);
    const sum = bench.kernels.softmaxLoss(
      ...[logits, labels, gradient, correct, batch, classes],
      ...[1 / batch, smoothing, gamma],
    );
    const wanted = softmaxLoss(Float64Array.from(values), classesOf, classes, loss);
    const as = (what: string) => ({
      device: "wasm",
      kernel: `${loss.name}, ${what}`,
      shape: `${batch}x${classes}`,
    });
    assertBelow(as("loss"), Math.abs(sum / batch - wanted.loss) / wanted.loss, 1e-13);
    assertClose(as("gradient"), bench.floats(gradient, values.length), wanted.gradient, 1e-7);
    assert.equal(new Int32Array(bench.floats(correct, 1).buffer, correct, 1)[0], wanted.correct);
    bench.assertGuards();
    for (const poison of [NaN, Infinity]) {
      bench.floats(logits, values.length)[3] = poison;
      const poisoned = [logits, labels, gradient, 0, batch, classes, 1, smoothing, gamma];
      assert.ok(Number.isNaN(bench.kernels.softmaxLoss(...poisoned)));
    }
  });
}
