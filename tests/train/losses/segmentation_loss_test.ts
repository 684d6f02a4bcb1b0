import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { isSameLoss, type LossSpec, type WeightedComponent } from "#train/loss.ts";
import { LOSSES } from "#train/losses/catalog.ts";
import { createSegmentationLoss, weightedSum } from "#train/losses/segmentation_loss.ts";

const SHAPE = [9, 7, 3] as const;
const PIXELS = SHAPE[0] * SHAPE[1];
const COMPONENTS: readonly WeightedComponent[] = [
  { name: "dice", smoothing: 1, include_background: false, weight: 0.5 },
  { name: "focal", gamma: 2, weight: 2 },
  { name: "cross_entropy", label_smoothing: 0, weight: 0.25 },
  { name: "hausdorff", alpha: 2, weight: 0.1 },
];
const SUM: LossSpec = { name: "sum", components: COMPONENTS };

function batchOf(images: number, seed: number) {
  const source = random(seed, "batch");
  return {
    images,
    logits: Float64Array.from({ length: images * PIXELS * SHAPE[2] }, () => 2 * source.normal()),
    labels: Uint8Array.from({ length: images * PIXELS }, () => source.below(SHAPE[2])),
  };
}

function evaluate(spec: LossSpec, batch: ReturnType<typeof batchOf>, weights?: readonly number[]) {
  const loss = createSegmentationLoss(spec, SHAPE);
  const sums = new Float64Array(loss.names.length);
  const gradient = new Float64Array(batch.logits.length);
  const taken = weights ?? loss.weights;
  loss.add(batch, taken, sums, { gradient, scale: 1 / batch.images });
  return { sums, gradient, loss: weightedSum(sums, taken, batch.images) };
}

Deno.test("every loss of the catalogue is among the tested components", () => {
  assert.deepEqual(LOSSES.map(({ name }) => name).sort(), COMPONENTS.map(({ name }) => name).sort());
});

Deno.test("gradients are finite differences of the loss, but for distances, which are constants of it", () => {
  const batch = batchOf(2, 3);
  for (const component of COMPONENTS.filter(({ name }) => name !== "hausdorff")) {
    const spec: LossSpec = { name: "sum", components: [component] };
    const { gradient } = evaluate(spec, batch);
    const step = 1e-5;
    for (let at = 5; at < gradient.length; at += 41) {
      const lossAt = (shift: number): number => {
        const logits = batch.logits.slice();
        logits[at]! += shift;
        return evaluate(spec, { ...batch, logits }).loss;
      };
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
      assert.ok(
        Math.abs(slope - gradient[at]!) < 1e-10,
        `${component.name}[${at}]: ${gradient[at]}, ${slope}`,
      );
    }
  }
});

Deno.test("a sum is the weighted sum of its components, loss and gradient, with whatever weights a step says", () => {
  const batch = batchOf(3, 4);
  const weights = [1.5, 0, 0.3, 0.01];
  const seen = evaluate(SUM, batch, weights);
  const parts = COMPONENTS.map((component) =>
    evaluate({ name: "sum", components: [{ ...component, weight: 1 }] }, batch)
  );
  const wanted = parts.reduce((sum, { loss }, index) => sum + weights[index]! * loss, 0);
  assert.ok(Math.abs(seen.loss - wanted) < 1e-12);
  seen.gradient.forEach((value, at) => {
    const slope = parts.reduce((sum, { gradient }, index) => sum + weights[index]! * gradient[at]!, 0);
    assert.ok(Math.abs(value - slope) < 1e-12);
  });
  assert.equal(seen.sums[1], 0, "a component of weight 0 is not computed");
});

Deno.test("images are independent: a batch in parts gives the same bits as the whole", () => {
  const batch = batchOf(5, 6);
  const whole = evaluate(SUM, batch);
  const loss = createSegmentationLoss(SUM, SHAPE);
  const sums = new Float64Array(4);
  const gradient = new Float64Array(batch.logits.length);
  for (const [from, to] of [[0, 2], [2, 5]] as const) {
    const cut = <T extends Float64Array | Uint8Array>(values: T, each: number) =>
      values.subarray(from * each, to * each) as T;
    const part = {
      images: to - from,
      logits: cut(batch.logits, PIXELS * SHAPE[2]),
      labels: cut(batch.labels, PIXELS),
    };
    const into = { gradient: cut(gradient, PIXELS * SHAPE[2]), scale: 1 / 5 };
    loss.add(part, loss.weights, sums, into);
  }
  assert.deepEqual(sums, whole.sums);
  assert.deepEqual(gradient, whole.gradient);
});

Deno.test("a ruined logit ruins the loss and the gradient, and is not taken for a class", () => {
  const batch = batchOf(1, 7);
  batch.logits[17] = NaN;
  const { loss, gradient } = evaluate(SUM, batch);
  assert.ok(Number.isNaN(loss));
  assert.ok(gradient.some(Number.isNaN));
});

Deno.test("losses are the same where their components are, whatever the order of keys", () => {
  const [first, ...others] = COMPONENTS;
  const turned = { weight: 0.5, include_background: false, smoothing: 1, name: "dice" } as const;
  assert.ok(isSameLoss(SUM, { name: "sum", components: [turned, ...others] }));
  assert.ok(!isSameLoss(SUM, { name: "sum", components: [{ ...first!, weight: 0.6 }, ...others] }));
  assert.ok(!isSameLoss({ name: "hausdorff", alpha: 2 }, { name: "hausdorff", alpha: 1 }));
  assert.ok(
    isSameLoss({ name: "cross_entropy", label_smoothing: 0 }, { name: "cross_entropy", label_smoothing: 0 }),
  );
});
