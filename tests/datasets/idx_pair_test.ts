import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DATA_SEED, DataError } from "#datasets/source.ts";
import { inFolder } from "./image_files.ts";

function idx(dimensions: readonly number[], body: Uint8Array, isPacked = true): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  head.setUint32(0, 0x800 + dimensions.length);
  dimensions.forEach((size, place) => head.setUint32(4 + 4 * place, size));
  const whole = new Uint8Array(head.byteLength + body.length);
  whole.set(new Uint8Array(head.buffer));
  whole.set(body, head.byteLength);
  return isPacked ? new Uint8Array(gzipSync(whole)) : whole;
}

const images = (count: number, side = 5, isPacked = true) =>
  idx(
    [count, side, side],
    Uint8Array.from({ length: count * side * side }, (_, at) => (at * 3) % 256),
    isPacked,
  );
const labels = (count: number, classes: number, first = 0, isPacked = true) =>
  idx([count], Uint8Array.from({ length: count }, (_, at) => first + at % classes), isPacked);

/** A set as KMNIST names its files. */
const GOOD = {
  "train-images-idx3-ubyte.gz": images(40),
  "train-labels-idx1-ubyte.gz": labels(40, 4),
  "t10k-images-idx3-ubyte.gz": images(8),
  "t10k-labels-idx1-ubyte.gz": labels(8, 4),
};

const load = (path: string) =>
  loadDataset(
    { name: "idx", path, train: null, validation: 8, test: null, seed: DATA_SEED, dataDir: null },
    denoFiles,
  );

Deno.test("any IDX pair is read, compressed or not, of any side and number of classes", () =>
  inFolder(GOOD, async (folder) => {
    const data = await load(folder);
    assert.deepEqual([data.shape, data.classes], [[5, 5, 1], ["0", "1", "2", "3"]]);
    assert.deepEqual([data.train.count, data.validation.count, data.test.count], [32, 8, 8]);
    await Deno.remove(`${folder}/train-images-idx3-ubyte.gz`);
    await Deno.writeFile(`${folder}/train-images.idx3-ubyte`, images(40, 5, false));
    assert.equal((await load(folder)).digest, data.digest);
  }));

Deno.test("of a folder with several sets one is chosen by its name; labels may begin at 1", () => {
  const set = (name: string, classes: number, first: number) => ({
    [`${name}-train-images-idx3-ubyte.gz`]: images(60),
    [`${name}-train-labels-idx1-ubyte.gz`]: labels(60, classes, first),
    [`${name}-test-images-idx3-ubyte.gz`]: images(30),
    [`${name}-test-labels-idx1-ubyte.gz`]: labels(30, classes, first),
  });
  return inFolder({ ...set("emnist-letters", 26, 1), ...set("emnist-digits", 10, 0) }, async (folder) => {
    const letters = await load(`${folder}/emnist-letters`);
    assert.deepEqual([letters.classes.length, letters.classes[0], letters.classes[25]], [26, "1", "26"]);
    assert.deepEqual([Math.min(...letters.train.labels), Math.max(...letters.train.labels)], [0, 25]);
    assert.equal((await load(`${folder}/emnist-digits`)).classes.length, 10);
    await assert.rejects(
      load(folder),
      /holds emnist-digits-train-images-idx3-ubyte, emnist-letters-.*; choose one set by the beginning of its names, such as .*\/emnist-digits/,
    );
  });
});

const packedZeros = (dimensions: number[], bytes: number) => idx(dimensions, new Uint8Array(bytes));

const REFUSALS: readonly (readonly [
  title: string,
  files: () => Partial<Record<keyof typeof GOOD, Uint8Array>>,
  message: RegExp,
])[] = [
  [
    "fewer labels than images",
    () => ({ "train-labels-idx1-ubyte.gz": labels(39, 4) }),
    /holds 40 images, but .* holds 39 labels/,
  ],
  [
    "more labels than images",
    () => ({ "train-labels-idx1-ubyte.gz": labels(41, 4) }),
    /its header says 41 bytes; at most 40 are read/,
  ],
  [
    "labels that are a bomb",
    () => ({ "train-labels-idx1-ubyte.gz": packedZeros([1e7], 1e7) }),
    /its header says 10000000 bytes; at most 40 are read/,
  ],
  [
    "a bomb behind a small header",
    () => ({ "train-images-idx3-ubyte.gz": packedZeros([40, 5, 5], 1e7) }),
    /unpacks to more than 1016 bytes, which its header promises/,
  ],
  [
    "a bomb that its header admits",
    () => ({ "train-images-idx3-ubyte.gz": packedZeros([60_000, 100, 100], 1000) }),
    /would unpack to 600000000; at most 200 times as many are unpacked/,
  ],
  [
    "dimensions beyond all memory",
    () => ({ "train-images-idx3-ubyte.gz": packedZeros([2 ** 31, 2 ** 31, 2 ** 31], 10) }),
    /at most 1073741824 are read/,
  ],
  [
    "test images of another size",
    () => ({ "t10k-images-idx3-ubyte.gz": images(8, 6) }),
    /have 6 × 6 pixels, and those of .*train.* 5 × 5/,
  ],
  [
    "labels with a gap",
    () => ({
      "train-labels-idx1-ubyte.gz": idx(
        [40],
        Uint8Array.from({ length: 40 }, (_, at) => at === 3 ? 200 : at % 4),
      ),
    }),
    /record 3 \(counted from 0\) has label 200; labels are 0 … 3, without a gap/,
  ],
  [
    "test labels that training lacks",
    () => ({ "t10k-labels-idx1-ubyte.gz": labels(8, 5) }),
    /t10k-labels.*record 4 .* has label 4; labels are 0 … 3/,
  ],
  [
    "one class",
    () => ({ "train-labels-idx1-ubyte.gz": labels(40, 1), "t10k-labels-idx1-ubyte.gz": labels(8, 1) }),
    /it has 1 classes; allowed are 2 to 256/,
  ],
  [
    "images as labels",
    () => ({ "train-labels-idx1-ubyte.gz": images(40) }),
    /does not begin as an IDX file of 1-D bytes/,
  ],
  [
    "a cut file",
    () => ({ "train-images-idx3-ubyte.gz": images(40).slice(0, -9) }),
    /is not a whole gzip file/,
  ],
];

for (const [title, files, message] of REFUSALS) {
  Deno.test(`an IDX pair with ${title} is refused in words`, () =>
    inFolder(
      { ...GOOD, ...files() } as Record<string, Uint8Array>,
      (folder) =>
        assert.rejects(load(folder), (error) => error instanceof DataError && message.test(error.message)),
    ));
}

Deno.test("a folder without IDX files says which are missing", () =>
  inFolder(
    { "a.txt": new Uint8Array() },
    (folder) =>
      assert.rejects(load(folder), /there is no file \*train-images-idx3-ubyte, with or without \.gz/),
  ));
