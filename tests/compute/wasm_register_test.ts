import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { registerWasmKernels } from "#compute/wasm/register.ts";
import { random } from "#lib/prng.ts";
import { relativeError } from "../support/errors.ts";

tf.enableProdMode();

function normals(seed: string, shape: readonly number[]): tf.Tensor {
  const source = random("register", seed);
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => source.normal());
  return tf.tensor(values, [...shape]);
}

/** Values and gradients of a function on a backend, as numbers. */
async function onBackend(backend: string, run: () => tf.Tensor[]): Promise<Float32Array[]> {
  assert.equal(await tf.setBackend(backend), true);
  if (backend === "wasm") registerWasmKernels();
  const before = tf.memory().numTensors;
  // What the heap held before must not show: tfjs's own gradient of a max pool failed so.
  for (const size of [100, 1000, 10_000, 100_000]) tf.dispose([tf.fill([size], 777), tf.fill([size], 777)]);
  const results = tf.tidy(() => run().map((tensor) => tensor.dataSync().slice() as Float32Array));
  assert.equal(tf.memory().numTensors, before, `${backend} leaves tensors behind`);
  return results;
}

async function assertSame(run: () => tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const wanted = await onBackend("cpu", run);
  const seen = await onBackend("wasm", run);
  wanted.forEach((values, index) => {
    const error = relativeError(seen[index]!, values);
    assert.ok(error < tolerance, `result ${index} differs by ${error}`);
  });
}

type Pad = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]];
const CONVOLUTIONS: { x: number[]; w: number[]; stride: number | [number, number]; pad: Pad }[] = [
  { x: [4, 32, 32, 3], w: [3, 3, 3, 16], stride: 1, pad: "same" },
  { x: [4, 16, 16, 16], w: [3, 3, 16, 32], stride: 1, pad: "same" },
  { x: [2, 15, 13, 5], w: [5, 3, 5, 7], stride: 2, pad: "same" },
  { x: [2, 9, 10, 4], w: [3, 4, 4, 10], stride: [2, 1], pad: "valid" },
  { x: [3, 7, 7, 2], w: [1, 1, 2, 9], stride: 2, pad: "same" },
  { x: [1, 8, 8, 3], w: [3, 3, 3, 8], stride: 1, pad: [[0, 0], [2, 0], [1, 2], [0, 0]] },
  { x: [2, 5, 5, 8], w: [5, 5, 8, 4], stride: 1, pad: "valid" },
];

for (const { x, w, stride, pad } of CONVOLUTIONS) {
  Deno.test(`tfjs convolution [${x}] ∗ [${w}], stride ${stride}, ${pad}: as on its cpu backend`, () =>
    assertSame(() => {
      const [input, filter] = [normals("x", x) as tf.Tensor4D, normals("w", w) as tf.Tensor4D];
      const run = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
      const output = run(input, filter);
      const gradients = tf.grads(run)([input, filter], normals("dy", output.shape));
      return [output, ...gradients];
    }));
}

Deno.test("tfjs max pools, overlapping ones too: as on its cpu backend", async () => {
  for (
    const [size, stride, pad] of [[2, 2, "valid"], [3, 2, "same"], [3, 3, "valid"], [2, 2, "same"]] as const
  ) {
    for (const shape of [[2, 8, 8, 5], [2, 9, 7, 8]] as const) {
      await assertSame(() => {
        const x = normals("pool", shape) as tf.Tensor4D;
        const run = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
        const output = run(x);
        return [output, tf.grad(run)(x, normals("dy", output.shape))];
      });
    }
  }
});

Deno.test("tfjs average pools, overlapping ones and channel tails too, and batch norm: as on its cpu backend", async () => {
  for (
    const [size, stride, pad] of [[2, 2, "valid"], [3, 2, "valid"], [3, 1, "valid"], [3, 2, "same"]] as const
  ) {
    await assertSame(() => {
      const x = normals("pool", [2, 9, 7, 5]) as tf.Tensor4D;
      const run = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, size, stride, pad);
      const output = run(x);
      return [output, tf.grad(run)(x, normals("dy", output.shape))];
    });
  }
  await assertSame(() => {
    const inputs = [normals("x", [2, 6, 5, 4]), normals("m", [4]), normals("s", [4]), normals("g", [4])];
    const run = (x: tf.Tensor, mean: tf.Tensor, offset: tf.Tensor, scale: tf.Tensor) =>
      tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        tf.ones<tf.Rank.R1>([4]),
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      );
    const output = run(...inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]);
    return [output, ...tf.grads(run)(inputs, normals("dy", output.shape))];
  });
});

Deno.test("tfjs depthwise convolutions train: as on its cpu backend", async () => {
  for (const [stride, pad, dilation] of [[1, "same", 1], [2, "valid", 1], [2, "same", 1]] as const) {
    await assertSame(() => {
      const [input, filter] = [normals("x", [2, 9, 8, 5]), normals("w", [3, 2, 5, 2])];
      const run = (x: tf.Tensor, w: tf.Tensor) =>
        tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, "NHWC", dilation);
      const output = run(input, filter);
      return [output, ...tf.grads(run)([input, filter], normals("dy", output.shape))];
    });
  }
});

Deno.test("tfjs relu's gradient: as on its cpu backend, for any size", () =>
  assertSame(() =>
    [1, 3, 4, 1023].map((size) => tf.grad((x) => tf.relu(x))(normals("r", [size]), normals("d", [size])))
  ));

Deno.test("tfjs shares an identity's values instead of copying them, and frees them once", async () => {
  const [values] = await onBackend("wasm", () => {
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.engine().runKernel("Identity", { x }) as tf.Tensor;
    x.dispose();
    return [y];
  });
  assert.deepEqual([...values!], [1, 2, 3]);
});

Deno.test("a dilated convolution runs, its gradient and other layouts are refused by name", async () => {
  await assertSame(() => [
    tf.conv2d(
      normals("x", [1, 9, 9, 2]) as tf.Tensor4D,
      normals("w", [3, 3, 2, 4]) as tf.Tensor4D,
      1,
      "same",
      "NHWC",
      2,
    ),
  ]);
  await tf.setBackend("wasm");
  tf.tidy(() => {
    const inputs = { x: tf.zeros([1, 2, 5, 5]), dy: tf.zeros([1, 4, 5, 5]) };
    const attrs = { strides: 1, pad: "same", dataFormat: "NCHW", filterShape: [3, 3, 5, 5] };
    assert.throws(
      () => tf.engine().runKernel("Conv2DBackpropFilter", inputs, attrs),
      /Conv2DBackpropFilter on the wasm backend takes data in NHWC, not dilated/,
    );
  });
});

/** A model of common layers, with weights that are the same on every backend. */
function layersModel(): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 6,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        inputShape: [12, 12, 3],
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 10, kernelSize: 3, strides: 2, useBias: false }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "softmax" }),
    ],
  });
  const weights = model.getWeights();
  model.setWeights(
    weights.map((tensor, index) =>
      tensor.shape.length > 1 ? tf.tidy(() => normals(`weight ${index}`, tensor.shape).mul(0.3)) : tensor
    ),
  );
  return model;
}

Deno.test("a tf.LayersModel trains on the wasm backend as on the cpu one, and leaves no tensor behind", async () => {
  const losses: number[][] = [];
  for (const backend of ["cpu", "wasm"]) {
    assert.equal(await tf.setBackend(backend), true);
    if (backend === "wasm") registerWasmKernels();
    const model = layersModel();
    model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: "categoricalCrossentropy" });
    const x = normals("images", [12, 12, 12, 3]);
    const y = tf.oneHot(tf.tensor1d(Array.from({ length: 12 }, (_, index) => index % 4), "int32"), 4);
    const seen: number[] = [];
    let tensors = 0;
    for (let step = 0; step < 12; step++) {
      seen.push(await model.trainOnBatch(x, y) as number);
      if (step === 2) tensors = tf.memory().numTensors;
    }
    assert.equal(tf.memory().numTensors, tensors);
    losses.push(seen);
    tf.dispose([x, y]);
    model.dispose();
  }
  assert.ok(losses[0]!.at(-1)! < losses[0]![0]! - 0.2, `the loss falls: ${losses[0]}`);
  assert.ok(relativeError(losses[1]!, losses[0]!) < 1e-4, `${losses[1]} against ${losses[0]}`);
});
