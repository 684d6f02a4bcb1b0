import assert from "node:assert/strict";
import {
  dropoutFactors,
  dropoutKey,
  type DropoutLayer,
  type DropoutMask,
  dropoutThreshold,
  threefry,
} from "#compute/dropout_mask.ts";

const LAYER: DropoutLayer = { kind: "dropout", name: "drop", rate: 0.3 };
const NOISE: DropoutMask = { seed: 1, step: 0, first: 0 };
const [IMAGES, UNITS] = [200, 500];

const dropped = (layer: DropoutLayer, dropoutMask: DropoutMask, images = IMAGES) =>
  dropoutFactors(layer, dropoutMask, images, UNITS).map((factor) => Number(factor === 0));
const share = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("the random bits are Threefry2x32-20's known answers", () => {
  // Random123's kat_vectors: key, counter and first word of the result.
  assert.equal(threefry(0, 0, 0, 0), 0x6b200159);
  assert.equal(threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), 0x1cb996fc);
  assert.equal(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), 0xc4923a9c);
});

Deno.test("the share that is dropped is the rate's, for every layer, update, image and unit", () => {
  const deviations = (mean: number, rate: number, count: number) =>
    Math.abs(mean - rate) / Math.sqrt(rate * (1 - rate) / count);
  for (const rate of [0.01, 0.3, 0.5, 0.9]) {
    const layer = { ...LAYER, rate };
    const mask = dropped(layer, NOISE);
    assert.ok(deviations(share(mask), rate, mask.length) < 4, `${rate}: ${share(mask)}`);
    const kept = dropoutFactors(layer, NOISE, 1, UNITS).find((factor) => factor > 0);
    assert.equal(kept, 1 / (1 - rate));
  }
  const mask = dropped(LAYER, NOISE);
  const seen = new Float64Array(UNITS);
  mask.forEach((value, index) => seen[index % UNITS]! += value / IMAGES);
  seen.forEach((mean, unit) => assert.ok(deviations(mean, 0.3, IMAGES) < 5, `unit ${unit}: ${mean}`));
  assert.deepEqual(dropped({ ...LAYER, rate: 0 }, NOISE), new Float64Array(IMAGES * UNITS));
});

Deno.test("a rate just below 1 drops nearly all, with a threshold of 32 bits", () => {
  const layer = { ...LAYER, rate: 1 - 2 ** -40 };
  assert.equal(dropoutThreshold(layer.rate), 0xffffffff);
  assert.deepEqual(dropped(layer, NOISE), new Float64Array(IMAGES * UNITS).fill(1));
});

Deno.test("masks of other seeds, layers, steps, images and units are independent", () => {
  const mask = dropped(LAYER, NOISE);
  const others = {
    seed: dropped(LAYER, { ...NOISE, seed: 2 }),
    layer: dropped({ ...LAYER, name: "other" }, NOISE),
    update: dropped(LAYER, { ...NOISE, step: 1 }),
    image: dropped(LAYER, { ...NOISE, first: 1 }),
    unit: Float64Array.from(mask, (_, index) => mask[(index + 1) % mask.length]!),
  };
  for (const [what, other] of Object.entries(others)) {
    const covariance = share(mask.map((value, index) => (value - 0.3) * (other[index]! - 0.3)));
    // Of independent masks its deviation is variance / √count.
    const deviations = Math.abs(covariance) / (0.3 * 0.7 / Math.sqrt(mask.length));
    assert.ok(deviations < 4, `${what}: ${deviations} standard deviations`);
  }
  assert.notEqual(dropoutKey(1, "drop"), dropoutKey(1, "drop2"));
});

Deno.test("a mask does not know how its batch is cut", () => {
  const whole = dropped(LAYER, NOISE);
  const parts = [0, 70, 71].map((
    first,
    index,
  ) => [...dropped(LAYER, { ...NOISE, first }, [70, 1, 129][index])]);
  assert.deepEqual(parts.flat(), [...whole]);
});
