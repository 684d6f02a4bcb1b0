import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { drawMasks, MASK_DIFFICULTY, maskClasses, SMALL_MASK_DIFFICULTY } from "#datasets/shapes/masks.ts";
import { DATA_SEED } from "#datasets/source.ts";

const load = (name: string, seed = DATA_SEED) =>
  loadDataset({ name, train: 60, validation: 20, test: 20, seed, dataDir: null }, denoFiles);

const shares = (labels: Uint8Array, difficulty = MASK_DIFFICULTY) =>
  maskClasses(difficulty).map((_, label) => labels.filter((value) => value === label).length / labels.length);

Deno.test("images with masks are the same bytes on every machine", async () => {
  // Noted once: a change of a digest is a change of the data set, and of every result on it.
  const noted = {
    "shapes-masks-16": "b67408f9f4c3a19fef1b29210cdcc4df961c444ff7898d3be57139759895a02b",
    "shapes-masks": "23a585a293b9206ac62638cd7c4bfd7cd865034f1917336d345d0585ef610f40",
    "shapes-masks-64": "f55aff87cf202a42b8f04a3d559055757d0d1e996f2e5b78cfc29b0b2b6eafa6",
  };
  for (const [name, wanted] of Object.entries(noted)) {
    const { digest, shape, labelUnit, train, classes } = await load(name);
    const side = Number(/\d+$/.exec(name)?.[0] ?? 32);
    const wantedClasses = maskClasses(side === 16 ? SMALL_MASK_DIFFICULTY : MASK_DIFFICULTY);
    assert.deepEqual([shape, labelUnit, classes], [[side, side, 3], "pixel", wantedClasses]);
    assert.equal(train.labels.length, 60 * side * side);
    assert.ok(train.labels.buffer instanceof SharedArrayBuffer);
    assert.equal(digest, wanted, name);
    assert.notEqual((await load(name, DATA_SEED + 1)).digest, digest);
  }
});

Deno.test("a larger split begins with the smaller one, and splits differ", () => {
  const few = drawMasks("train", 10, 1);
  const many = drawMasks("train", 30, 1);
  assert.deepEqual(many.images.subarray(0, few.images.length), few.images);
  assert.deepEqual(many.labels.subarray(0, few.labels.length), few.labels);
  assert.notDeepEqual(drawMasks("test", 10, 1).labels, few.labels);
});

Deno.test("every class has its pixels, the ground most, and many of them lie at a boundary", () => {
  const { labels } = drawMasks("train", 300, 1);
  const [ground, ...figures] = shares(labels);
  assert.ok(ground! > 0.7 && ground! < 0.95, `ground ${ground}`);
  for (const share of figures) assert.ok(share > 0.01 && share < 0.12, `shares ${figures}`);
  // A pixel of a figure with a neighbour of another class.
  let [inside, edge] = [0, 0];
  labels.forEach((label, at) => {
    if (label === 0) return;
    inside++;
    const x = at % 32;
    const [left, right] = [x > 0 ? labels[at - 1] : label, x < 31 ? labels[at + 1] : label];
    if (left !== label || right !== label) edge++;
  });
  assert.ok(edge / inside > 0.3, `${edge} of ${inside}`);
});

Deno.test("a figure stands out from the ground around it", () => {
  const { images, labels } = drawMasks("test", 200, 1);
  const sums = [[0, 0], [0, 0]];
  labels.forEach((label, pixel) => {
    const lightness = images[3 * pixel]! + images[3 * pixel + 1]! + images[3 * pixel + 2]!;
    const entry = sums[label === 0 ? 0 : 1]!;
    entry[0]! += lightness / 3 / 255;
    entry[1]! += 1;
  });
  const [ground, figure] = sums.map(([sum, count]) => sum! / count!);
  assert.ok(figure! - ground! > 0.2, `${ground} and ${figure}`);
});

Deno.test("on 16×16 pixels no class is rare: every loss has pixels to learn from", () => {
  const { labels } = drawMasks("train", 300, 1, SMALL_MASK_DIFFICULTY);
  const [ground, ...figures] = shares(labels, SMALL_MASK_DIFFICULTY);
  assert.ok(ground! > 0.5 && ground! < 0.75, `ground ${ground}`);
  for (const share of figures) assert.ok(share > 0.1 && share < 0.3, `shares ${figures}`);
});
