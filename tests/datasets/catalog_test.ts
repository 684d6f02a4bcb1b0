import assert from "node:assert/strict";
import fc from "fast-check";
import { DATASET_NAMES, loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DATA_SEED, DataError, type DataFiles, type DataRequest } from "#datasets/source.ts";
import { stratifiedOrder } from "#datasets/split.ts";
import type { PixelSet, TrainingData } from "#train/data.ts";
import { requires, sharedPath } from "../support/requires.ts";
import { batch } from "./archives.ts";

const FOLDER = "data/cifar-10/cifar-10-batches-bin";

/** Files that exist in memory only. */
function memoryFiles(files: Readonly<Record<string, Uint8Array>>): DataFiles {
  return {
    read: (path) => files[path] ? Promise.resolve(files[path]) : Promise.reject(new DataError(`no ${path}`)),
    stat: (path) =>
      Promise.resolve(files[path] ? { size: files[path].length, isFile: true, isDirectory: false } : null),
    list: (folder) =>
      Promise.resolve(
        Object.keys(files).filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
  };
}

const request = (more: Partial<DataRequest> = {}): DataRequest => ({
  name: "cifar-10",
  train: null,
  validation: null,
  test: null,
  seed: DATA_SEED,
  dataDir: null,
  ...more,
});

const cycle = (count: number) => Array.from({ length: count }, (_, index) => index % 10);
/** Two training batches of 100 and 50 records and a test batch of 30; batches 1, 3 and 4 are not there. */
const SUBSET = {
  [`${FOLDER}/data_batch_2.bin`]: batch(cycle(100)),
  [`${FOLDER}/data_batch_5.bin`]: batch(cycle(50)),
  [`${FOLDER}/test_batch.bin`]: batch(cycle(30)),
};

const perClass = (set: PixelSet) =>
  Array.from({ length: 10 }, (_, label) => set.labels.filter((other) => other === label).length);

Deno.test("splits a subset: validation is a tenth of the training images, each class in proportion", async () => {
  const data = await loadDataset(request(), memoryFiles(SUBSET));
  assert.deepEqual([data.train.count, data.validation.count, data.test.count], [135, 15, 30]);
  assert.deepEqual(perClass(data.test), new Array(10).fill(3));
  for (const images of perClass(data.validation)) assert.ok(images === 1 || images === 2);
  assert.ok(data.train.images.buffer instanceof SharedArrayBuffer);
  assert.ok(data.train.labels.buffer instanceof SharedArrayBuffer);
  assert.equal(data.train.images.length, 135 * 3072);
});

Deno.test("planes become [height, width, channels]", async () => {
  const bytes = batch([3]);
  for (let plane = 0; plane < 3; plane++) {
    for (let pixel = 0; pixel < 1024; pixel++) bytes[1 + plane * 1024 + pixel] = (plane * 80 + pixel) % 256;
  }
  const files = memoryFiles({
    [`${FOLDER}/data_batch_1.bin`]: batch(cycle(20)),
    [`${FOLDER}/test_batch.bin`]: bytes,
  });
  const { test } = await loadDataset(request(), files);
  const at = (y: number, x: number, channel: number) => test.images[(y * 32 + x) * 3 + channel];
  for (const [y, x] of [[0, 0], [0, 1], [1, 0], [31, 31]] as const) {
    for (let channel = 0; channel < 3; channel++) {
      assert.equal(at(y, x, channel), (channel * 80 + y * 32 + x) % 256);
    }
  }
});

Deno.test("statistics are the training split's own, by the textbook formula", async () => {
  const data = await loadDataset(request(), memoryFiles(SUBSET));
  for (let channel = 0; channel < 3; channel++) {
    const values = data.train.images.filter((_, at) => at % 3 === channel);
    const mean = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(data.mean[channel]! - mean) < 1e-9);
    assert.ok(Math.abs(data.std[channel]! - Math.sqrt(variance)) < 1e-9);
  }
});

/** Records of made-up batches are of one colour that tells their place. */
const places = (set: PixelSet) => Array.from({ length: set.count }, (_, image) => set.images[image * 3072]!);

Deno.test("validation stays the same however many training images are asked for; nothing is in both", async () => {
  const files = memoryFiles({
    [`${FOLDER}/data_batch_1.bin`]: batch(cycle(200)),
    [`${FOLDER}/test_batch.bin`]: batch(cycle(10)),
  });
  const few = await loadDataset(request({ train: 50, validation: 40 }), files);
  const many = await loadDataset(request({ train: 160, validation: 40 }), files);
  assert.deepEqual(places(few.validation), places(many.validation));
  assert.deepEqual(places(few.train), places(many.train).slice(0, 50));
  assert.equal(new Set([...places(many.train), ...places(many.validation)]).size, 200);
  assert.deepEqual(perClass(few.train), new Array(10).fill(5));
  const other = await loadDataset(request({ train: 50, validation: 40, seed: 1 }), files);
  assert.notDeepEqual(places(other.validation), places(few.validation));
});

Deno.test("every beginning of a stratified order holds each class in proportion, give or take an image of each", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(4), { minLength: 1, maxLength: 200 }),
    fc.nat(),
    (labels, seed) => {
      const order = stratifiedOrder(Uint8Array.from(labels), 5, seed, "test");
      assert.deepEqual([...order].sort((a, b) => a - b), labels.map((_, index) => index));
      const total = new Array(5).fill(0);
      for (const label of labels) total[label]++;
      const seen = new Array(5).fill(0);
      order.forEach((image, place) => {
        seen[labels[image]!]++;
        for (let label = 0; label < 5; label++) {
          const fair = total[label] * (place + 1) / labels.length;
          // Ties are at most one image of each other class.
          assert.ok(Math.abs(seen[label] - fair) <= 5, `${seen[label]} against ${fair}`);
        }
      });
    },
  ));
});

Deno.test("the digest tells any other byte, label, order or split", async () => {
  const load = (files: Record<string, Uint8Array>, more = {}) =>
    loadDataset(request(more), memoryFiles(files)).then(({ digest }) => digest);
  const path = `${FOLDER}/data_batch_2.bin`;
  const changed = (at: number, value: number) => {
    const bytes = SUBSET[path]!.slice();
    bytes[at] = value;
    return { ...SUBSET, [path]: bytes };
  };
  const digests = await Promise.all([
    load(SUBSET),
    load(changed(1, 77)),
    load(changed(0, 5)),
    load(SUBSET, { seed: 2 }),
    load(SUBSET, { train: 100 }),
    load(SUBSET, { test: 20 }),
  ]);
  assert.equal(new Set(digests).size, digests.length);
  assert.equal(await load(SUBSET), digests[0]);
  assert.match(digests[0]!, /^[0-9a-f]{64}$/);
});

const REFUSED: readonly [string, Record<string, Uint8Array>, Partial<DataRequest>, RegExp][] = [
  ["an unknown name", SUBSET, { name: "cifar10" }, /Unknown data set "cifar10": did you mean "cifar-10"/],
  ["no folder", {}, {}, /data\/cifar-10\/cifar-10-batches-bin: .*`deno task data get cifar-10`.*--data-dir/],
  [
    "no test batch",
    { [`${FOLDER}/data_batch_1.bin`]: batch([1]) },
    {},
    /test_batch\.bin is missing; .*`deno task data get cifar-10`/,
  ],
  [
    "a short record",
    { ...SUBSET, [`${FOLDER}/data_batch_5.bin`]: batch([1, 2]).subarray(0, 6000) },
    {},
    /data_batch_5\.bin: its 6000 bytes are no multiple of 3073.*1 whole records and 2927 bytes more/,
  ],
  [
    "a wrong label",
    { ...SUBSET, [`${FOLDER}/test_batch.bin`]: batch([1, 2, 255]) },
    {},
    /test_batch\.bin: record 2 \(counted from 0\) has label 255; labels are 0 … 9/,
  ],
  ["an empty file", { ...SUBSET, [`${FOLDER}/test_batch.bin`]: new Uint8Array() }, {}, /the file is empty/],
  ["more training images than there are", SUBSET, { train: 200 }, /it holds 150 training images/],
  ["no room for validation", SUBSET, { train: 150 }, /15 validation images.*it holds 150.*a tenth unless/],
  ["more test images than there are", SUBSET, { test: 31 }, /Cannot take 31 test images .*: it holds 30/],
  ["half an image", SUBSET, { train: 1.5 }, /Cannot take 1\.5 training images: the number must be whole/],
  ["no image", SUBSET, { validation: 0 }, /at least 1/],
  ["more shapes than fit", {}, { name: "shapes", train: 1e9 }, /at most 100000/],
];

for (const [title, files, more, pattern] of REFUSED) {
  Deno.test(`refuses ${title}`, async () => {
    await assert.rejects(loadDataset(request(more), memoryFiles(files)), pattern);
  });
}

Deno.test("one colour in every pixel cannot be normalised, and is told so", async () => {
  const grey = batch([1, 2, 3]);
  for (let at = 0; at < grey.length; at++) if (at % 3073 !== 0) grey[at] = 7;
  const files = memoryFiles({
    [`${FOLDER}/data_batch_1.bin`]: grey,
    [`${FOLDER}/test_batch.bin`]: batch([1]),
  });
  await assert.rejects(loadDataset(request(), files), /channel 0 is the same in every pixel/);
});

Deno.test("the catalogue names the data sets", () => {
  assert.deepEqual(DATASET_NAMES, [
    "shapes",
    "shapes-16",
    "shapes-masks",
    "shapes-masks-16",
    "shapes-masks-64",
    "cifar-10",
    "cifar-100",
    "fashion-mnist",
    "images",
    "image-masks",
    "npz",
    "idx",
    "grammar",
    "text",
  ]);
});

Deno.test("real images: the shared subset of cifar-10", await requires("shared data"), async () => {
  const dataDir = `${sharedPath()}/datasets`;
  const data: TrainingData = await loadDataset(
    request({ dataDir, train: 5000, validation: 1000 }),
    denoFiles,
  );
  assert.deepEqual([data.train.count, data.validation.count, data.test.count], [5000, 1000, 2000]);
  assert.deepEqual(perClass(data.train), new Array(10).fill(500));
  // The whole data set has means 0.491, 0.482, 0.447 and deviations 0.247, 0.243, 0.262.
  [0.491, 0.482, 0.447].forEach((mean, channel) => assert.ok(Math.abs(data.mean[channel]! - mean) < 0.01));
  [0.247, 0.243, 0.262].forEach((std, channel) => assert.ok(Math.abs(data.std[channel]! - std) < 0.01));
});
