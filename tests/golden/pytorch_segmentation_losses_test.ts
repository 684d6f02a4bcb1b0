import assert from "node:assert/strict";
import type { LossSpec } from "#train/loss.ts";
import { createSegmentationLoss, weightedSum } from "#train/losses/segmentation_loss.ts";
import golden from "./pytorch_segmentation_losses.json" with { type: "json" };

type Image = typeof golden.images[number];

/** The same numbers as in the script. */
function logitsOf({ labels, classes, seed, spread, lead }: Image): Float32Array {
  let state = seed;
  const logits = new Float32Array(labels.length * classes);
  for (let at = 0; at < logits.length; at++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    const right = Number(labels[Math.floor(at / classes)]) === at % classes;
    logits[at] = (state / 2 ** 32 - 0.5) * spread + (right ? lead : 0);
  }
  return logits;
}

for (const image of golden.images) {
  Deno.test(`${image.name}: losses and their gradients are PyTorch's to 1e-12 of their size`, () => {
    const { height, width, classes, cases } = image;
    const labels = Uint8Array.from(image.labels, Number);
    const logits = logitsOf(image);
    for (const { loss, value, norm, gradient } of cases) {
      const seen = createSegmentationLoss(loss as LossSpec, [height, width, classes]);
      const sums = new Float64Array(seen.names.length);
      const slopes = new Float64Array(logits.length);
      seen.add({ images: 1, logits, labels }, seen.weights, sums, { gradient: slopes, scale: 1 });
      const stride = slopes.length > 1000 ? 37 : 1;
      assert.equal(gradient.length, Math.ceil(slopes.length / stride));
      const off = {
        value: Math.abs(weightedSum(sums, seen.weights, 1) - value) / Math.max(1, Math.abs(value)),
        gradient: Math.max(...gradient.map((slope, at) => Math.abs(slope - slopes[at * stride]!))),
        norm: Math.abs(Math.hypot(...slopes) - norm),
      };
      const largest = Math.max(off.value, off.gradient / Math.max(norm, 1e-3), off.norm / Math.max(norm, 1e-3));
      const name = JSON.stringify(loss);
      assert.ok(largest < 1e-12, `${name}: ${JSON.stringify(off)} of a norm of ${norm}`);
      console.log(`    ${largest.toExponential(1)}  ${name}`);
    }
  });
}

Deno.test("the golden losses of segmentation differ from each other by far more than the tolerance", () => {
  for (const { cases } of golden.images.slice(0, 3)) {
    assert.equal(new Set(cases.map(({ value }) => value.toFixed(4))).size, cases.length);
  }
  assert.match(golden.torch, /^\d+\.\d+/);
});
