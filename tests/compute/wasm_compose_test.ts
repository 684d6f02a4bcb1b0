import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { convolutionShape, convolveKernelGradient } from "#compute/reference/convolution.ts";
import { registerMissingWasmKernels } from "#compute/wasm/compose.ts";
import { random } from "#lib/prng.ts";

const CASES = [
  { input: [2, 8, 8, 3], filters: 5, kernel: 3, stride: 1, padding: "same" },
  { input: [3, 9, 7, 4], filters: 2, kernel: 3, stride: 2, padding: "same" },
  { input: [1, 10, 10, 1], filters: 3, kernel: 5, stride: 2, padding: "valid" },
  { input: [2, 6, 5, 2], filters: 7, kernel: 1, stride: 1, padding: "valid" },
] as const;

Deno.test("the composed filter gradient is float64's", async (t) => {
  assert.equal(await tf.setBackend("wasm"), true);
  registerMissingWasmKernels();
  for (const { input, ...layer } of CASES) {
    await t.step(`${input} ${JSON.stringify(layer)}`, () => {
      const shape = convolutionShape(input, layer);
      const source = random("filter gradient", JSON.stringify(layer));
      const draw = (size: number) => Float32Array.from({ length: size }, () => source.normal());
      const values = draw(tf.util.sizeFromShape([...input]));
      const outGradient = draw(shape.batch * shape.outHeight * shape.outWidth * layer.filters);
      const before = tf.memory().numTensors;
      const seen = tf.tidy(() => {
        const x = tf.tensor4d(values, [...input]);
        const weights = tf.zeros<tf.Rank.R4>([layer.kernel, layer.kernel, input[3], layer.filters]);
        const dy = tf.tensor4d(outGradient, [shape.batch, shape.outHeight, shape.outWidth, layer.filters]);
        const gradient = tf.grad((w) => tf.conv2d(x, w as tf.Tensor4D, layer.stride, layer.padding));
        return gradient(weights, dy).dataSync();
      });
      assert.equal(tf.memory().numTensors, before);
      const wanted = convolveKernelGradient(
        Float64Array.from(values),
        Float64Array.from(outGradient),
        shape,
      );
      wanted.forEach((value, index) => assert.ok(Math.abs(value - seen[index]!) < 2e-5, `[${index}]`));
    });
  }
});
