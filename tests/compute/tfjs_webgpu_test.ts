import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import {
  addBias,
  channelSums,
  type ConvolutionShape,
  convolutionShape,
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
} from "#compute/reference/convolution.ts";
import { relu, reluGradient } from "#compute/layers/relu.ts";
import { takeWebgpuBackend } from "#compute/tfjs/webgpu_backend.ts";
import { Gpu } from "#compute/webgpu/gpu.ts";
import { relativeError } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { normals } from "./webgpu_support.ts";

const vulkan = await requires("vulkan");
const TOLERANCE = 5e-6;
const wide = (values: ArrayLike<number>) => Float64Array.from(values);

/** Runs on tfjs's WebGPU backend with our kernels; a body that answers nothing must leave no tensor behind. */
async function onGpu(body: (gpu: Gpu) => Promise<"leaves tensors" | void>): Promise<void> {
  tf.enableProdMode();
  const gpu = await Gpu.open();
  try {
    await takeWebgpuBackend(gpu, "own");
    const before = tf.memory().numTensors;
    const left = await body(gpu);
    gpu.assertHealthy();
    if (left === undefined) assert.equal(tf.memory().numTensors, before);
  } finally {
    tf.removeBackend("webgpu");
    gpu[Symbol.dispose]();
  }
}

async function valuesOf(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
  tf.dispose([...tensors]);
  return values;
}

function assertNear(what: string, seen: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const error = relativeError(seen, wanted);
  assert.ok(error < TOLERANCE, `${what} is off by ${error}`);
}

const SHAPES: readonly (readonly [ConvolutionShape, "same" | "valid"])[] = [
  [
    convolutionShape([LONG ? 64 : 8, 32, 32, 3], { filters: 16, kernel: 3, stride: 1, padding: "same" }),
    "same",
  ],
  [convolutionShape([3, 13, 11, 5], { filters: 7, kernel: 5, stride: 2, padding: "valid" }), "valid"],
];

for (const [shape, padding] of SHAPES) {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelHeight: side } =
    shape;
  const title = `${batch}x${inHeight}x${inWidth}x${inChannels} → ${outChannels}`;
  Deno.test(
    `tfjs's fused convolution, bias and ReLU by our kernels, and its gradients: ${title}`,
    vulkan,
    () =>
      onGpu(async () => {
        const x = normals(batch * inHeight * inWidth * inChannels, "x");
        const w = normals(side * side * inChannels * outChannels, "w");
        const bias = normals(outChannels, "bias");
        const dy = normals(batch * outHeight * outWidth * outChannels, "dy");
        const run = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
          tf.fused.conv2d({
            x: x as tf.Tensor4D,
            filter: filter as tf.Tensor4D,
            strides: shape.strideX,
            pad: padding,
            bias,
            activation: "relu",
          });
        const results = tf.tidy(() => {
          const inputs = [
            tf.tensor(x, [batch, inHeight, inWidth, inChannels]),
            tf.tensor(w, [side, side, inChannels, outChannels]),
            tf.tensor1d(bias),
          ] as [tf.Tensor, tf.Tensor, tf.Tensor];
          const upstream = tf.tensor(dy, [batch, outHeight, outWidth, outChannels]);
          return [run(...inputs), ...tf.grads(run)(inputs, upstream)];
        });
        const [y, dx, dw, db] = await valuesOf(results);

        const linear = convolve(wide(x), wide(w), shape);
        addBias(linear, wide(bias));
        const behind = reluGradient(linear, wide(dy));
        assertNear("output", y!, relu(linear));
        assertNear("gradient for x", dx!, convolveInputGradient(behind, wide(w), shape));
        assertNear("gradient for the kernel", dw!, convolveKernelGradient(wide(x), behind, shape));
        assertNear("gradient for the bias", db!, channelSums(behind, outChannels));
      }),
  );
}

Deno.test("a dilated convolution falls back to tfjs's own kernel", vulkan, () =>
  onGpu(async () => {
    const x = normals(2 * 12 * 10 * 4, "x");
    const w = normals(3 * 3 * 4 * 6, "w");
    const [y] = await valuesOf([
      tf.tidy(() =>
        tf.conv2d(
          tf.tensor4d(x, [2, 12, 10, 4]),
          tf.tensor4d(w, [3, 3, 4, 6]),
          1,
          "same",
          "NHWC",
          2,
        )
      ),
    ]);
    // The same as a kernel of 5×5 with zeros in between.
    const spread = new Float64Array(5 * 5 * 4 * 6);
    for (let tap = 0; tap < 9; tap++) {
      const at = (2 * Math.floor(tap / 3) * 5 + 2 * (tap % 3)) * 24;
      for (let value = 0; value < 24; value++) spread[at + value] = w[tap * 24 + value]!;
    }
    const wanted = convolutionShape([2, 12, 10, 4], { filters: 6, kernel: 5, stride: 1, padding: "same" });
    assertNear("output", y!, convolve(wide(x), spread, wanted));
  }));

Deno.test("an activation that ours do not have falls back too", vulkan, () =>
  onGpu(async () => {
    const [y] = await valuesOf([
      tf.tidy(() =>
        tf.fused.conv2d({
          x: tf.tensor4d([-2, 3, 9], [1, 1, 1, 3]),
          filter: tf.tensor4d([1, 0, 0, 1, 0, 1], [1, 1, 3, 2]),
          strides: 1,
          pad: "valid",
          activation: "relu6",
        })
      ),
    ]);
    assert.deepEqual([...y!], [0, 6]);
  }));

Deno.test(
  "where loops end early, a gradient that only tfjs has is refused, else it is right",
  vulkan,
  () =>
    onGpu(async (gpu) => {
      // Wider than our kernels go.
      const shape = convolutionShape([1, 4, 12, 2], { filters: 3, kernel: 9, stride: 1, padding: "same" });
      const [x, w, dy] = [normals(4 * 12 * 2, "x"), normals(81 * 6, "w"), normals(4 * 12 * 3, "dy")];
      const gradient = () =>
        tf.tidy(() =>
          tf.grad((w) => tf.conv2d(tf.tensor4d(x, [1, 4, 12, 2]), w as tf.Tensor4D, 1, "same"))(
            tf.tensor4d(w, [9, 9, 2, 3]),
            tf.tensor4d(dy, [1, 4, 12, 3]),
          )
        );
      if (gpu.loopsEndEarly) {
        assert.throws(gradient, /ends long loops early, .*Conv2DBackpropFilter would be wrong.*Install/);
        // tfjs does not free what a gradient that fails has saved.
        return "leaves tensors";
      }
      const [dw] = await valuesOf([gradient()]);
      assertNear("gradient", dw!, convolveKernelGradient(wide(x), wide(dy), shape));
    }),
);
