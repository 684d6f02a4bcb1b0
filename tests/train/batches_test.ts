import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { epochBatches, fillBatch, fillLabels, stepsPerEpoch } from "#train/batches.ts";
import { tinyData } from "../support/tiny.ts";

const PLAN = { seed: 3, count: 50, batchSize: 8, augment: ["crop", "flip"] as const };

Deno.test("an epoch sees every image once, the last batch takes the rest", () => {
  const batches = [...epochBatches(PLAN, 0)];
  assert.equal(batches.length, stepsPerEpoch(PLAN.count, PLAN.batchSize));
  assert.equal(batches.at(-1)!.indices.length, 2);
  const seen = batches.flatMap(({ indices }) => [...indices]).sort((a, b) => a - b);
  assert.deepEqual(seen, Array.from({ length: 50 }, (_, index) => index));
});

Deno.test("batches depend on seed and epoch alone", () => {
  const epoch = (seed: number, number: number) =>
    JSON.stringify([...epochBatches({ ...PLAN, seed }, number)]);
  assert.equal(epoch(3, 5), epoch(3, 5));
  assert.equal(new Set([epoch(3, 0), epoch(3, 1), epoch(4, 0)]).size, 3);
});

Deno.test("the order does not depend on whether images are augmented", () => {
  const order = (augment: typeof PLAN.augment | readonly []) =>
    [...epochBatches({ ...PLAN, augment }, 2)].flatMap(({ indices }) => [...indices]);
  assert.deepEqual(order([]), order(PLAN.augment));
});

Deno.test("crops reach every shift from −4 to 4 and half of the images are flipped", () => {
  const batches = Array.from({ length: 40 }, (_, epoch) => [...epochBatches(PLAN, epoch)]).flat();
  for (const axis of ["shiftX", "shiftY"] as const) {
    const shifts = new Set(batches.flatMap((batch) => [...batch[axis]]));
    assert.deepEqual([...shifts].sort((a, b) => a - b), [-4, -3, -2, -1, 0, 1, 2, 3, 4]);
  }
  const flips = batches.flatMap(({ flip }) => [...flip]);
  const share = flips.reduce((sum, flip) => sum + flip, 0) / flips.length;
  assert.ok(Math.abs(share - 0.5) < 5 * Math.sqrt(0.25 / flips.length), `${share}`);
});

Deno.test("a batch is normalised, mirrored before it is shifted, and padded with the mean colour", () => {
  const data = tinyData();
  const into = new Float32Array(3 * 16);
  const batch = {
    indices: Uint32Array.of(7, 7, 7),
    shiftX: Int8Array.of(0, 1, 0),
    shiftY: Int8Array.of(0, -2, 0),
    flip: Uint8Array.of(0, 1, 1),
  };
  fillBatch(data, batch, into);
  const pixel = (y: number, x: number) =>
    Math.fround((data.train.images[7 * 16 + y * 4 + x]! / 255 - 0.5) / 0.25);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      assert.equal(into[y * 4 + x], pixel(y, x));
      assert.equal(into[32 + y * 4 + x], pixel(y, 3 - x));
      // Moved one to the right and two up, after mirroring.
      assert.equal(into[16 + y * 4 + x], x >= 1 && y + 2 < 4 ? pixel(y + 2, 3 - (x - 1)) : 0);
    }
  }
});

Deno.test("masks move with their images: where a pixel goes, its class goes, and background comes in", () => {
  const [height, width] = [5, 6];
  const source = random(3, "masks");
  const labels = Uint8Array.from({ length: 2 * height * width }, () => 1 + source.below(4));
  // Each image shows its own mask: the pixel's value is its class.
  const set = { images: labels, labels, count: 2 };
  const data = {
    ...tinyData(),
    shape: [height, width, 1] as const,
    labelUnit: "pixel" as const,
    train: set,
    mean: [0],
    std: [1 / 255],
  };
  for (let round = 0; round < 40; round++) {
    const batch = {
      indices: Uint32Array.of(source.below(2), source.below(2)),
      shiftX: Int8Array.of(source.below(9) - 4, source.below(9) - 4),
      shiftY: Int8Array.of(source.below(9) - 4, source.below(9) - 4),
      flip: Uint8Array.of(source.below(2), source.below(2)),
    };
    const pixels = new Float32Array(labels.length);
    const moved = new Uint8Array(labels.length).fill(9);
    fillBatch(data, batch, pixels);
    fillLabels(data, set, batch, moved);
    assert.deepEqual([...moved], [...pixels].map(Math.round));
  }
});
