import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { loadDataset } from "#datasets/catalog.ts";
import { CIFAR100_LABELS } from "#datasets/cifar100.ts";
import { denoFiles } from "#datasets/files.ts";
import { inspect } from "#datasets/inspect.ts";
import { install } from "#datasets/install.ts";
import { DATA_SEED, type DataRequest } from "#datasets/source.ts";
import { archive } from "./archives.ts";
import { createHash } from "node:crypto";

const FOLDER = "cifar-100-binary";

/** Records of a coarse and a fine label each. */
function records(labels: readonly (readonly [coarse: number, fine: number])[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 3074);
  labels.forEach((pair, record) => {
    bytes.fill(record % 200, record * 3074, (record + 1) * 3074);
    bytes.set(pair, record * 3074);
  });
  return bytes;
}

const pairs = (count: number) => Array.from({ length: count }, (_, at) => [at % 20, at % 100] as const);
const names = (kind: "fine" | "coarse") =>
  new TextEncoder().encode(CIFAR100_LABELS[kind].classes.join("\n") + "\n");

const entries = (train = records(pairs(200)), test = records(pairs(100))) => [
  { name: `${FOLDER}/`, type: "directory" as const },
  { name: `${FOLDER}/coarse_label_names.txt`, body: names("coarse") },
  { name: `${FOLDER}/fine_label_names.txt`, body: names("fine") },
  { name: `${FOLDER}/train.bin`, body: train },
  { name: `${FOLDER}/test.bin`, body: test },
];

/** Installs an archive with these entries into a data folder that is removed behind the test. */
async function installed(
  list: ReturnType<typeof entries>,
  body: (dataDir: string) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    const bytes = await archive(list);
    const from = `${dataDir}/archive.tar.gz`;
    await Deno.writeFile(from, bytes);
    const md5 = createHash("md5").update(bytes).digest("hex");
    assert.ok(gunzipSync(bytes).length > 0);
    const signal = new AbortController().signal;
    await install({ name: "cifar-100", dataDir, from, md5 }, {
      progress: () => {},
      retrying: () => {},
      wait: () => Promise.resolve(),
      signal,
    });
    await body(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

const load = (dataDir: string, more: Partial<DataRequest> = {}) =>
  loadDataset(
    { name: "cifar-100", train: null, validation: 100, test: null, seed: DATA_SEED, dataDir, ...more },
    denoFiles,
  );

Deno.test("cifar-100 is installed from its archive, and has a hundred classes or twenty", () =>
  installed(entries(), async (dataDir) => {
    const fine = await load(dataDir);
    assert.deepEqual([fine.classes.length, fine.classes[0], fine.classes[99]], [100, "apple", "worm"]);
    assert.deepEqual([fine.train.count, fine.validation.count, fine.test.count], [100, 100, 100]);
    const coarse = await load(dataDir, { labels: "coarse" });
    assert.deepEqual([coarse.classes.length, coarse.classes[1]], [20, "fish"]);
    assert.ok(coarse.train.labels.every((label) => label < 20));
    assert.notEqual(coarse.digest, fine.digest);
    const found = await inspect("cifar-100", `${dataDir}/cifar-100/${FOLDER}`, denoFiles);
    assert.equal(found.kind, "intact");
    if (found.kind === "intact") {
      assert.deepEqual([found.whole, found.digests, found.files.map(({ images }) => images)], [
        false,
        "match",
        [200, 100],
      ]);
    }
  }));

for (
  const [title, list, message] of [
    [
      "a fine label out of range",
      entries(records([[0, 100]])),
      /record 0 \(counted from 0\) has fine label 100; fine labels are 0 … 99/,
    ],
    [
      "a coarse label out of range",
      entries(records([[0, 1], [20, 1]])),
      /record 1 .* has coarse label 20; coarse labels are 0 … 19/,
    ],
    ["a cut record", entries(records(pairs(200)).slice(0, -1)), /no multiple of 3074, the size of a record/],
    [
      "other classes",
      entries().map((entry) =>
        entry.name.endsWith("fine_label_names.txt") ? { ...entry, body: names("coarse") } : entry
      ),
      /the classes of cifar-100 are apple, aquarium_fish/,
    ],
  ] as const
) {
  Deno.test(`an archive of cifar-100 with ${title} is refused`, () =>
    assert.rejects(installed(list as ReturnType<typeof entries>, () => Promise.resolve()), message));
}

Deno.test("cifar-100 that is not there, or lies elsewhere, says how to get it or which folder to name", () =>
  installed(entries(), async (dataDir) => {
    await assert.rejects(
      load(`${dataDir}/nowhere`),
      /train\.bin is missing; get it with `deno task data get cifar-100`/,
    );
    await assert.rejects(load(`${dataDir}/cifar-100`), /that folder lies too deep/);
  }));
