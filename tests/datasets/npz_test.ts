import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DATA_SEED, DataError } from "#datasets/source.ts";
import { inFolder } from "./image_files.ts";
import { npy, zip, type ZipEntry } from "./npz_files.ts";

const pixels = (count: number, channels = 1) =>
  Uint8Array.from({ length: count * 16 * channels }, (_, at) => (at * 7) % 256);
const labels = (count: number) => BigInt64Array.from({ length: count }, (_, at) => BigInt(at % 3));

type Arrays = Readonly<Record<"x_train" | "y_train" | "x_test" | "y_test", Uint8Array>>;
const GOOD: Arrays = {
  x_train: npy(pixels(30), [30, 4, 4]),
  y_train: npy(labels(30), [30]),
  x_test: npy(pixels(6), [6, 4, 4]),
  y_test: npy(labels(6), [6]),
};
const entries = (arrays: Partial<Arrays>, stored = false): ZipEntry[] =>
  Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes, stored }));

const load = (path: string) =>
  loadDataset(
    { name: "npz", path, train: null, validation: 6, test: null, seed: DATA_SEED, dataDir: null },
    denoFiles,
  );

const withNpz = (bytes: Uint8Array, body: (path: string) => Promise<void>) =>
  inFolder({ "data.npz": bytes }, (folder) => body(`${folder}/data.npz`));

Deno.test("an npz is read compressed or stored, in bytes, floats or whole numbers, to the same data", async () => {
  const digests: string[] = [];
  const scaled = (count: number) => Float32Array.from(pixels(count), (value) => value / 255);
  const kinds: Partial<Arrays>[] = [
    GOOD,
    {
      ...GOOD,
      x_train: npy(scaled(30), [30, 4, 4, 1]),
      y_test: npy(Uint8Array.from(labels(6), Number), [6, 1]),
    },
    {
      ...GOOD,
      x_train: npy(Float64Array.from(pixels(30)), [30, 4, 4]),
      x_test: npy(Int32Array.from(pixels(6)), [6, 4, 4]),
    },
  ];
  for (const stored of [false, true]) {
    for (const arrays of kinds) {
      await withNpz(zip(entries(arrays, stored)), async (path) => {
        const data = await load(path);
        assert.deepEqual([data.shape, data.classes], [[4, 4, 1], ["0", "1", "2"]]);
        assert.deepEqual([data.train.count, data.validation.count, data.test.count], [24, 6, 6]);
        digests.push(data.digest);
      });
    }
  }
  assert.equal(new Set(digests).size, 1, digests.join());
});

const REFUSALS: readonly (readonly [title: string, bytes: () => Uint8Array, message: RegExp])[] = [
  ["no zip", () => new TextEncoder().encode("PK, but no more"), /data\.npz: it is no whole zip archive/],
  ["a cut archive", () => zip(entries(GOOD)).slice(0, -30), /it is no whole zip archive/],
  [
    "an array less",
    () => zip(entries({ x_train: GOOD.x_train })),
    /it has no y_train\.npy; it has x_train\.npy/,
  ],
  ["a name twice", () => zip([...entries(GOOD), ...entries(GOOD)]), /it has x_train\.npy twice/],
  [
    "a damaged array",
    () => zip(entries(GOOD).map((entry) => ({ ...entry, crc: 1 }))),
    /x_train\.npy is damaged: its bytes do not agree with their CRC/,
  ],
  [
    "a bomb that says so",
    () => zip(entries(GOOD).map((entry, at) => at === 0 ? { ...entry, size: 3e9 } : entry)),
    /its arrays take 30\d+ bytes; at most 2147483648 are unpacked/,
  ],
  [
    "a bomb within the limit",
    () => zip(entries(GOOD).map((entry, at) => at === 0 ? { ...entry, size: 1e9 } : entry)),
    /data\.npz \(x_train\.npy\): \d+ bytes would unpack to 1000000000; at most 200 times as many/,
  ],
  [
    "a bomb that hides",
    () =>
      zip(
        entries(GOOD).map((entry, at) =>
          at === 0 ? { ...entry, bytes: new Uint8Array(1e6), size: 600 } : entry
        ),
      ),
    /x_train\.npy is damaged: it unpacks to more than its 600 bytes/,
  ],
  [
    "Python objects",
    () => zip(entries({ ...GOOD, y_train: npy(labels(30), [30], { descr: "|O" }) })),
    /\(y_train\): its numbers are Python objects, which are never loaded/,
  ],
  [
    "big-endian numbers",
    () => zip(entries({ ...GOOD, y_train: npy(labels(30), [30], { descr: ">i8" }) })),
    /its numbers are ">i8"; allowed are uint8/,
  ],
  [
    "Fortran order",
    () => zip(entries({ ...GOOD, x_train: npy(pixels(30), [30, 4, 4], { fortran: true }) })),
    /np\.ascontiguousarray/,
  ],
  [
    "a header that lies",
    () => zip(entries({ ...GOOD, x_train: npy(pixels(30), [31, 4, 4]) })),
    /its header says 31 × 4 × 4 numbers of 1 bytes, and 480 bytes follow/,
  ],
  [
    "channels first",
    () => zip(entries({ ...GOOD, x_train: npy(pixels(30, 3), [30, 3, 4, 4]) })),
    /channels first; save np\.transpose\(x, \(0, 2, 3, 1\)\)/,
  ],
  [
    "two dimensions",
    () => zip(entries({ ...GOOD, x_train: npy(pixels(30), [30, 16]) })),
    /its shape is \[30, 16\]; expected \[images, height, width\]/,
  ],
  [
    "one-hot labels",
    () => zip(entries({ ...GOOD, y_train: npy(new Uint8Array(90), [30, 3]) })),
    /of one-hot rows save np\.argmax\(y, axis=1\)/,
  ],
  [
    "fewer labels than images",
    () => zip(entries({ ...GOOD, y_test: npy(labels(5), [5]) })),
    /\(x_test\): it holds 6 images, but y_test 5 labels/,
  ],
  [
    "values out of range",
    () => zip(entries({ ...GOOD, x_test: npy(Float32Array.from(pixels(6), (v) => v - 9), [6, 4, 4]) })),
    /its values lie from -9 to 2\d\d; expected 0 … 255, or 0 … 1/,
  ],
  [
    "a value that is no number",
    () => zip(entries({ ...GOOD, x_test: npy(new Float32Array(96).fill(NaN), [6, 4, 4]) })),
    /its values lie from NaN/,
  ],
  [
    "a label out of range",
    () =>
      zip(entries({ ...GOOD, y_train: npy(labels(30).map((value, at) => at === 7 ? 90n : value), [30]) })),
    /\(y_train\): record 7 \(counted from 0\) has label 90; labels are 0 … 2, without a gap/,
  ],
  [
    "a test label that training lacks",
    () => zip(entries({ ...GOOD, y_test: npy(labels(6).map((v, at) => at === 2 ? 3n : v), [6]) })),
    /\(y_test\): record 2 .* has label 3; labels are 0 … 2/,
  ],
];

for (const [title, bytes, message] of REFUSALS) {
  Deno.test(`an npz with ${title} is refused in words`, () =>
    withNpz(
      bytes(),
      (path) =>
        assert.rejects(load(path), (error) => error instanceof DataError && message.test(error.message)),
    ));
}

Deno.test("a path that is no file, or none at all, is refused before it is read", async () => {
  await assert.rejects(load("/dev/zero"), /Cannot read \/dev\/zero: it is no regular file/);
  await assert.rejects(load("/nowhere.npz"), /Cannot read \/nowhere\.npz: there is no such file/);
  await inFolder({}, (folder) => assert.rejects(load(folder), /it is no regular file/));
});

Deno.test("every flipped byte of an npz is refused in words, or is in a field that nobody reads", () => {
  const whole = zip(entries(GOOD));
  return inFolder({}, async (folder) => {
    const clean = await (await Deno.writeFile(`${folder}/a.npz`, whole), load(`${folder}/a.npz`));
    for (let at = 0; at < whole.length; at += 5) {
      await Deno.writeFile(`${folder}/a.npz`, whole.map((byte, index) => index === at ? byte ^ 0x21 : byte));
      const data = await load(`${folder}/a.npz`).catch((error) => {
        assert.ok(error instanceof DataError, String(error));
        return null;
      });
      if (data !== null) assert.equal(data.digest, clean.digest, `byte ${at}`);
    }
  });
});
