import assert from "node:assert/strict";
import { maskImagesOf, predictedMasksOf } from "#results/mask_examples.ts";
import type { SafeTensor } from "#lib/safetensors.ts";

const metadata = { classes: '["ground","one"]' };
const bytes = (shape: number[], value = 1): SafeTensor => ({
  shape,
  data: new Uint8Array(shape.reduce((product, size) => product * size, 1)).fill(value),
});
const tensors = {
  images: { shape: [2], data: Uint32Array.of(4, 9) },
  pixels: bytes([2, 3, 5, 1]),
  truth: bytes([2, 3, 5]),
  prediction: bytes([2, 3, 5]),
  dice: { shape: [2], data: Float64Array.of(0.5, NaN) },
};

Deno.test("a file of example masks is read as images, true masks and predicted ones", () => {
  const images = maskImagesOf({ tensors, metadata });
  assert.deepEqual(images.images.map(({ number }) => number), [4, 9]);
  assert.equal(images.images[1]!.truth.length, 15);
  assert.deepEqual(predictedMasksOf({ tensors }, images).map(({ dice }) => dice), [0.5, null]);
});

Deno.test("what is no file of example masks is refused, with what was expected", () => {
  const refused = (changes: Record<string, SafeTensor>, message: RegExp, texts = metadata) =>
    assert.throws(() => {
      const content = { tensors: { ...tensors, ...changes }, metadata: texts };
      predictedMasksOf(content, maskImagesOf(content));
    }, (error: Error) => error instanceof TypeError && message.test(error.message));
  refused({ pixels: bytes([2, 3, 5, 2]) }, /pixels has the shape \[2,3,5,2\]: expected/);
  refused({ pixels: bytes([2, 129, 1, 1]) }, /a side at most 128 pixels/);
  refused({ pixels: bytes([17, 3, 5, 1]) }, /at most 16 images/);
  refused({ pixels: { shape: [2, 3, 5, 1], data: new Float32Array(30) } }, /no bytes called pixels/);
  refused({ truth: bytes([2, 5, 3]) }, /truth has the shape \[2,5,3\]: expected \[2,3,5\]/);
  refused({ truth: bytes([2, 3, 5], 2) }, /truth has class 2 of 2/);
  refused({ prediction: bytes([1, 3, 5]) }, /prediction has the shape/);
  refused({ images: { shape: [1], data: Uint32Array.of(1) } }, /images holds no 2 whole numbers/);
  refused({ dice: { shape: [2], data: Float64Array.of(0, 1.5) } }, /dice holds no 2 numbers from 0 to 1/);
  for (
    const classes of ["[1]", "{", "7", JSON.stringify(Array(257).fill("x")), '["' + "x".repeat(201) + '"]']
  ) {
    refused({}, /its classes are no list of at most 256 names/, { classes });
  }
});
