import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { inspect } from "#datasets/inspect.ts";
import { install } from "#datasets/install.ts";
import { DATA_SEED } from "#datasets/source.ts";

const LABELS = Array.from({ length: 40 }, (_, index) => index % 10);

function idx(magic: number, dimensions: number[], body: number[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  head.setUint32(0, magic);
  dimensions.forEach((size, place) => head.setUint32(4 + 4 * place, size));
  return new Uint8Array(gzipSync(new Uint8Array([...new Uint8Array(head.buffer), ...body])));
}

const images = (count: number) =>
  idx(0x803, [count, 28, 28], Array.from({ length: count * 784 }, (_, at) => at % 253));
const labels = (values: number[]) => idx(0x801, [values.length], values);

const GOOD: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte.gz": images(40),
  "train-labels-idx1-ubyte.gz": labels(LABELS),
  "t10k-images-idx3-ubyte.gz": images(10),
  "t10k-labels-idx1-ubyte.gz": labels(LABELS.slice(0, 10)),
};

/** Runs with a data folder that holds these files. */
async function withFiles(
  files: Readonly<Record<string, Uint8Array>>,
  body: (dataDir: string) => Promise<void>,
) {
  const dataDir = await Deno.makeTempDir();
  await Deno.mkdir(`${dataDir}/fashion-mnist`);
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(`${dataDir}/fashion-mnist/${name}`, bytes);
  }
  try {
    await body(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

const load = (dataDir: string) =>
  loadDataset({
    name: "fashion-mnist",
    train: null,
    validation: 10,
    test: null,
    seed: DATA_SEED,
    dataDir,
  }, denoFiles);

Deno.test("loads the official files of one channel", async () => {
  await withFiles(GOOD, async (dataDir) => {
    const data = await load(dataDir);
    assert.deepEqual(data.shape, [28, 28, 1]);
    assert.deepEqual([data.train.count, data.validation.count, data.test.count], [30, 10, 10]);
    assert.equal(data.mean.length, 1);
    const found = await inspect("fashion-mnist", `${dataDir}/fashion-mnist`, denoFiles);
    assert.ok(found.kind === "intact" && !found.whole);
    assert.deepEqual(found.files.map(({ images }) => images), [40, 10]);
  });
});

const WRONG: readonly [string, Readonly<Record<string, Uint8Array | null>>, RegExp][] = [
  [
    "a missing file",
    { "t10k-labels-idx1-ubyte.gz": null },
    /t10k-labels-idx1-ubyte\.gz is missing; .*data get/,
  ],
  [
    "fewer labels than images",
    { "train-labels-idx1-ubyte.gz": labels([1, 2]) },
    /holds 40 images, but .*holds 2 labels/,
  ],
  [
    "a wrong label",
    { "t10k-labels-idx1-ubyte.gz": labels([...LABELS.slice(0, 9), 10]) },
    /record 9 \(counted from 0\) has label 10/,
  ],
  [
    "labels in place of images",
    { "train-images-idx3-ubyte.gz": labels(LABELS) },
    /does not begin as an IDX file/,
  ],
  [
    "a header that lies",
    { "train-images-idx3-ubyte.gz": idx(0x803, [41, 28, 28], new Array(40 * 784).fill(1)) },
    /its header says 41 × 28 × 28 bytes, and 31360 follow/,
  ],
  ["a cut gzip", { "train-images-idx3-ubyte.gz": images(40).subarray(0, 60) }, /not a whole gzip file/],
  [
    "more than the official size",
    { "train-labels-idx1-ubyte.gz": labels(new Array(60_001).fill(0)) },
    /its header says 60001 bytes; at most 60000 are read/,
  ],
];

for (const [title, change, pattern] of WRONG) {
  Deno.test(`refuses ${title}`, async () => {
    const files = Object.entries({ ...GOOD, ...change }).filter(([, bytes]) => bytes !== null);
    await withFiles(Object.fromEntries(files) as Record<string, Uint8Array>, async (dataDir) => {
      await assert.rejects(load(dataDir), pattern);
    });
  });
}

Deno.test("files from a folder must have the official digests", async () => {
  await withFiles(GOOD, async (dataDir) => {
    const target = `${dataDir}/elsewhere`;
    const request = { name: "fashion-mnist", dataDir: target, md5: null } as const;
    const tools = {
      progress() {},
      retrying() {},
      wait: () => Promise.resolve(),
      signal: new AbortController().signal,
    };
    await assert.rejects(
      install({ ...request, from: `${dataDir}/fashion-mnist/` }, tools),
      /train-images-idx3-ubyte\.gz: its md5 is [0-9a-f]{32}, expected 8d4fb7e6c68d591d4c3dfef9ec88bf0d/,
    );
    assert.equal(await denoFiles.stat(target), null);
  });
});

/** A file in two gzip members, as `cat a.gz b.gz` makes it. */
function members(packed: Uint8Array): Uint8Array {
  const whole = gunzipSync(packed);
  return Uint8Array.from(
    [whole.subarray(0, 100), whole.subarray(100)].flatMap((part) => [...gzipSync(part)]),
  );
}

Deno.test("unpacked files, under either name, and gzip files of several members are read as well", async () => {
  await withFiles(GOOD, async (official) => {
    const { digest } = await load(official);
    const other = {
      "train-images.idx3-ubyte": gunzipSync(GOOD["train-images-idx3-ubyte.gz"]!),
      "train-labels-idx1-ubyte": gunzipSync(GOOD["train-labels-idx1-ubyte.gz"]!),
      "t10k-images-idx3-ubyte.gz": members(GOOD["t10k-images-idx3-ubyte.gz"]!),
      "t10k-labels-idx1-ubyte.gz": GOOD["t10k-labels-idx1-ubyte.gz"]!,
    };
    await withFiles(other, async (dataDir) => assert.equal((await load(dataDir)).digest, digest));
  });
});

Deno.test("a data folder named one level too deep is answered with the right one", async () => {
  await withFiles(GOOD, async (dataDir) => {
    await assert.rejects(load(`${dataDir}/fashion-mnist`), (error: Error) => {
      assert.equal(error.name, "DataError");
      assert.ok(error.message.endsWith(`--data-dir ${dataDir}`), error.message);
      return true;
    });
  });
});

Deno.test("a small file that unpacks to very much is refused before it takes memory", async () => {
  const zeros = gzipSync(new Uint8Array(2 ** 25), { level: 9 });
  const bomb = new Uint8Array(32 * zeros.length);
  for (let part = 0; part < 32; part++) bomb.set(zeros, part * zeros.length);
  await withFiles({ ...GOOD, "train-labels-idx1-ubyte.gz": bomb }, async (dataDir) => {
    const before = Deno.memoryUsage().rss;
    await assert.rejects(load(dataDir), /does not begin as an IDX file of 1-D bytes/);
    assert.ok(Deno.memoryUsage().rss - before < 200e6, "it took more than 200 MB");
  });
});
