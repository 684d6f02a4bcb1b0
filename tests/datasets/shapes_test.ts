import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { imageStream, painter } from "#datasets/shapes/draw.ts";
import { FIGURES } from "#datasets/shapes/figures.ts";
import { DIFFICULTY, drawShapes, SMALL_DIFFICULTY } from "#datasets/shapes/shapes.ts";
import { DATA_SEED } from "#datasets/source.ts";
import type { PixelSet } from "#train/data.ts";

const SIZE = 32 * 32 * 3;

const load = (more: { train?: number; seed?: number } = {}) =>
  loadDataset({
    name: "shapes",
    train: more.train ?? 300,
    validation: 100,
    test: 100,
    seed: more.seed ?? DATA_SEED,
    dataDir: null,
  }, denoFiles);

Deno.test("the same seed draws the same bytes on every machine", async () => {
  const { digest, train } = await load();
  // Noted once: a change of this digest is a change of the data set, and of every result on it.
  assert.equal(digest, "5d3b93634ed6af50c07f57497e6683d4b1a908fa885cfba69d50ee2f46f116b9");
  assert.ok(train.images.buffer instanceof SharedArrayBuffer);
  assert.notEqual((await load({ seed: DATA_SEED + 1 })).digest, digest);
});

Deno.test("the small task has the same classes on 16×16 pixels, and bytes of its own", async () => {
  const request = {
    name: "shapes-16",
    train: 300,
    validation: 100,
    test: 100,
    seed: DATA_SEED,
    dataDir: null,
  };
  const { shape, classes, digest, train } = await loadDataset(request, denoFiles);
  assert.deepEqual([shape, classes.length, train.images.length], [[16, 16, 3], 10, 300 * 16 * 16 * 3]);
  // Noted once, as above.
  assert.equal(digest, "e12b2afffae58a947db758ee8be56ad0af2ee88744635601e809f41284e75462");
  assert.deepEqual(drawShapes("train", 300, DATA_SEED, SMALL_DIFFICULTY).images, train.images);
});

Deno.test("a larger split begins with the smaller one; splits share no image", () => {
  const few = drawShapes("train", 20, 1);
  const many = drawShapes("train", 60, 1);
  assert.deepEqual(many.images.subarray(0, few.images.length), few.images);
  assert.deepEqual(many.labels.subarray(0, 20), few.labels);
  const images = new Set<string>();
  for (const split of ["train", "validation", "test"] as const) {
    const { images: pixels } = drawShapes(split, 60, 1);
    for (let at = 0; at < pixels.length; at += SIZE) images.add(pixels.subarray(at, at + SIZE).join());
  }
  assert.equal(images.size, 180);
});

Deno.test("labels of validation and test are right; of training labels the stated share is wrong", () => {
  for (const split of ["validation", "test"] as const) {
    assert.ok(drawShapes(split, 200, 1).labels.every((label, image) => label === image % 10));
  }
  const { labels } = drawShapes("train", 4000, 1);
  const wrong = labels.filter((label, image) => label !== image % 10).length / 4000;
  // Four standard errors of a share of 4,000.
  const allowed = 4 * Math.sqrt(DIFFICULTY.mislabelled * (1 - DIFFICULTY.mislabelled) / 4000);
  assert.ok(Math.abs(wrong - DIFFICULTY.mislabelled) < allowed, String(wrong));
});

Deno.test("every figure lies in its circle of √2 radii and has an inside", () => {
  for (const { name, figure } of FIGURES) {
    let inside = 0;
    for (let y = -2; y <= 2; y += 0.05) {
      for (let x = -2; x <= 2; x += 0.05) {
        const value = figure(x, y);
        assert.ok(Number.isFinite(value), name);
        if (value >= 0) continue;
        inside++;
        assert.ok(x * x + y * y <= 2, `${name} at ${x}, ${y}`);
      }
    }
    const area = inside * 0.05 * 0.05;
    assert.ok(area > 0.5 && area < 3, `${name} has area ${area}`);
  }
});

Deno.test("noise has the deviation that is asked for", () => {
  const calm = { ...DIFFICULTY, contrast: [0, 0], tint: 0, exposure: 0, clutter: 0, occluders: 0 } as const;
  const image = new Uint8Array(SIZE);
  painter({ ...calm, noise: [0.1, 0.1] }).draw(0, imageStream(1, "test", 0), image, 0);
  const mean = image.reduce((sum, value) => sum + value, 0) / SIZE;
  const variance = image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SIZE;
  assert.ok(Math.abs(mean - 127.5) < 2, String(mean));
  assert.ok(Math.abs(Math.sqrt(variance) / 255 - 0.1) < 0.004, String(Math.sqrt(variance) / 255));
});

Deno.test("colour does not give the class away", () => {
  // The class whose mean colour (of the whole image and of its middle) is nearest; one in ten is chance.
  const train = drawShapes("train", 2000, 1);
  const held = drawShapes("validation", 1000, 1);
  const centres = Array.from({ length: 10 }, () => new Array<number>(6).fill(0));
  for (let image = 0; image < 2000; image++) {
    colours(train, image).forEach((value, place) => centres[image % 10]![place]! += value / 200);
  }
  let right = 0;
  for (let image = 0; image < 1000; image++) {
    const seen = colours(held, image);
    const distances = centres.map((centre) =>
      centre.reduce((sum, value, at) => sum + (value - seen[at]!) ** 2, 0)
    );
    if (distances.indexOf(Math.min(...distances)) === image % 10) right++;
  }
  assert.ok(right / 1000 < 0.45, `${right / 10} % by colour alone`);
});

/** Mean colour of an image and of the 12 × 12 pixels in its middle. */
function colours({ images }: PixelSet, image: number): number[] {
  const sums = new Array<number>(6).fill(0);
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const middle = y >= 10 && y < 22 && x >= 10 && x < 22;
      for (let channel = 0; channel < 3; channel++) {
        const value = images[image * SIZE + (y * 32 + x) * 3 + channel]!;
        sums[channel]! += value / 1024;
        if (middle) sums[3 + channel]! += value / 144;
      }
    }
  }
  return sums;
}
