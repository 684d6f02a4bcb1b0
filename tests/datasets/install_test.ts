import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { inspect } from "#datasets/inspect.ts";
import { install, type InstallRequest } from "#datasets/install.ts";
import { DATA_SEED, DataError } from "#datasets/source.ts";
import { requires, sharedPath } from "../support/requires.ts";
import { archive, batch, entry, goodEntries } from "./archives.ts";
import { serve } from "./server.ts";

const TOOLS = {
  progress() {},
  retrying() {},
  wait: () => Promise.resolve(),
  signal: new AbortController().signal,
};
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** Every file and folder below, sorted. */
async function tree(folder: string, under = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(under + name);
    if (isDirectory) found.push(...await tree(`${folder}/${name}`, `${under}${name}/`));
  }
  return found.sort();
}

/** Gives a fresh data folder and an archive on disk beside it; `get` installs that archive. */
async function withArchive(
  bytes: Uint8Array,
  body: (
    dataDir: string,
    get: (more?: Partial<InstallRequest>) => ReturnType<typeof install>,
  ) => Promise<void>,
): Promise<void> {
  const outer = await Deno.makeTempDir();
  const dataDir = `${outer}/data`;
  const from = `${outer}/archive.tar.gz`;
  await Deno.writeFile(from, bytes);
  const request: InstallRequest = { name: "cifar-10", dataDir, from, md5: md5(bytes) };
  try {
    await body(dataDir, (more = {}) => install({ ...request, ...more }, TOOLS));
    assert.deepEqual((await tree(outer)).filter((path) => !path.startsWith("data")), ["archive.tar.gz"]);
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

const INSTALLED = [
  "cifar-10",
  "cifar-10/cifar-10-batches-bin",
  "cifar-10/cifar-10-batches-bin/SHA256SUMS",
  "cifar-10/cifar-10-batches-bin/batches.meta.txt",
  "cifar-10/cifar-10-batches-bin/data_batch_1.bin",
  "cifar-10/cifar-10-batches-bin/test_batch.bin",
];

Deno.test("an archive becomes a data set that loads and knows its digests", async () => {
  await withArchive(await archive(goodEntries()), async (dataDir, get) => {
    const { kind, folder, aside } = await get();
    assert.deepEqual({ kind, aside }, { kind: "installed", aside: null });
    assert.deepEqual(await tree(dataDir), INSTALLED);
    const found = await inspect("cifar-10", folder, denoFiles);
    assert.ok(found.kind === "intact" && found.digests === "match" && !found.whole);
    const data = await loadDataset({
      name: "cifar-10",
      train: 8,
      validation: 2,
      test: null,
      seed: DATA_SEED,
      dataDir,
    }, denoFiles);
    assert.deepEqual([data.train.count, data.validation.count, data.test.count], [8, 2, 3]);
  });
});

Deno.test("a changed byte is found by its digest though the structure is right", async () => {
  await withArchive(await archive(goodEntries()), async (_, get) => {
    const { folder } = await get();
    const path = `${folder}/data_batch_1.bin`;
    const bytes = await Deno.readFile(path);
    bytes[100]! ^= 1;
    await Deno.writeFile(path, bytes);
    const found = await inspect("cifar-10", folder, denoFiles);
    assert.ok(found.kind === "broken");
    assert.match(found.problem, /data_batch_1\.bin: it has changed since it was unpacked/);
  });
});

Deno.test("an intact copy is never touched", async () => {
  await withArchive(await archive(goodEntries()), async (dataDir, get) => {
    await get();
    const path = `${dataDir}/${INSTALLED[4]}`;
    const before = await Deno.stat(path);
    await assert.rejects(get(), /an intact subset is there already, and it is not overwritten/);
    assert.deepEqual((await Deno.stat(path)).mtime, before.mtime);
    assert.deepEqual(await tree(dataDir), INSTALLED);
  });
});

Deno.test("a broken copy is moved aside when, and only when, the new one is good", async () => {
  const good = await archive(goodEntries());
  await withArchive(good, async (dataDir, get) => {
    const folder = `${dataDir}/cifar-10/cifar-10-batches-bin`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/test_batch.bin`, "mine");
    await assert.rejects(get({ md5: "0".repeat(32) }), DataError);
    assert.equal(await Deno.readTextFile(`${folder}/test_batch.bin`), "mine");
    const { aside } = await get();
    assert.equal(aside, `${folder}.broken-1`);
    assert.equal(await Deno.readTextFile(`${aside}/test_batch.bin`), "mine");
    assert.equal((await inspect("cifar-10", folder, denoFiles)).kind, "intact");
  });
});

const WRONG: readonly [string, () => Promise<Uint8Array>, RegExp][] = [
  [
    "a label above 9",
    () => archive([...goodEntries(), entry("data_batch_2.bin", batch([1, 10]))]),
    /cifar-10-batches-bin\/data_batch_2\.bin: record 1 \(counted from 0\) has label 10; labels are 0 … 9/,
  ],
  [
    "a broken record",
    () => archive([...goodEntries(), entry("data_batch_2.bin", batch([1]).subarray(1))]),
    /data_batch_2\.bin: its 3072 bytes are no multiple of 3073.*\(0 whole records and 3072 bytes more\)/,
  ],
  [
    "an empty batch",
    () => archive([...goodEntries(), entry("data_batch_2.bin", new Uint8Array())]),
    /data_batch_2\.bin: the file is empty/,
  ],
  ["no test batch", () => archive(goodEntries().slice(0, 3)), /test_batch\.bin is missing/],
  [
    "no training batch",
    () => archive([...goodEntries().slice(0, 2), goodEntries()[3]!]),
    /no data_batch_\*\.bin/,
  ],
  [
    "classes in another order",
    () =>
      archive([
        entry("batches.meta.txt", new TextEncoder().encode("truck\nship\n")),
        ...goodEntries().slice(2),
      ]),
    /it lists "truck, ship"; the classes of cifar-10 are airplane/,
  ],
  ["nothing", () => archive([]), /it is empty/],
  ["no archive", () => Promise.resolve(new TextEncoder().encode("<html>")), /damaged or cut off/],
];

for (const [title, make, pattern] of WRONG) {
  Deno.test(`refuses an archive with ${title} and leaves nothing behind`, async () => {
    await withArchive(await make(), async (dataDir, get) => {
      await assert.rejects(get(), (error: Error) => {
        assert.ok(error instanceof DataError, String(error.stack));
        assert.match(error.message, /^Refused the archive: .*othing of it was saved$/);
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes(".tmp"), error.message);
        return true;
      });
      assert.deepEqual(await tree(dataDir), []);
    });
  });
}

Deno.test("another digest than the official one must be stated", async () => {
  await withArchive(await archive(goodEntries()), async (dataDir, get) => {
    await assert.rejects(
      get({ md5: null }),
      /its md5 is [0-9a-f]{32}, expected c32a1d4ab5d03f1284b67883e8d87530; it is left as it is/,
    );
    assert.deepEqual(await tree(dataDir), []);
    await assert.rejects(get({ from: `${dataDir}/nowhere` }), /nowhere: there is no such file/);
    await assert.rejects(get({ from: dataDir }), /it is not a file/);
  });
});

Deno.test("an archive from an address: fetched, checked, and the download removed", async () => {
  const bytes = await archive(goodEntries());
  await using server = serve(() => ({
    status: "200 OK",
    headers: { "content-length": bytes.length },
    body: bytes,
  }));
  await withArchive(bytes, async (dataDir, get) => {
    await get({ from: server.url });
    assert.deepEqual(await tree(dataDir), INSTALLED);
  });
  await withArchive(bytes, async (dataDir, get) => {
    await assert.rejects(get({ from: server.url, md5: "0".repeat(32) }), /what came was removed/);
    assert.deepEqual(await tree(dataDir), []);
  });
  // The official digest comes with the official size: this server offers something else.
  await withArchive(bytes, async (dataDir, get) => {
    await assert.rejects(get({ from: server.url, md5: null }), /offers \d+ bytes; the file has 170052171/);
    assert.deepEqual(await tree(dataDir), []);
  });
});

Deno.test("a download that breaks off for good is kept for the next time, and only that", async () => {
  const bytes = await archive(goodEntries());
  const half = Math.floor(bytes.length / 2);
  let broken = true;
  await using server = serve(({ from }) => {
    const start = from ?? 0;
    const length = { "content-length": bytes.length - start };
    const range = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    return {
      status: from === null ? "200 OK" : "206 Partial Content",
      headers: from === null ? length : { ...length, ...range },
      body: bytes.subarray(start, broken ? half : undefined),
    };
  });
  await withArchive(bytes, async (dataDir, get) => {
    const part = `cifar-10-binary.tar.gz.${md5(bytes).slice(0, 8)}.part`;
    await assert.rejects(get({ from: server.url }), /4 times in a row/);
    assert.deepEqual(await tree(dataDir), [part]);
    assert.equal((await Deno.stat(`${dataDir}/${part}`)).size, half);
    broken = false;
    await get({ from: server.url });
    assert.equal(server.asked.at(-1)!.from, half);
    assert.deepEqual(await tree(dataDir), INSTALLED);
  });
});

Deno.test("a data folder that cannot be made is told in words", async () => {
  await withArchive(await archive(goodEntries()), async (dataDir, get) => {
    await Deno.writeTextFile(dataDir, "a file, not a folder");
    await assert.rejects(
      get(),
      (error: Error) => error instanceof DataError && /Cannot put cifar-10/.test(error.message),
    );
    assert.equal(await Deno.readTextFile(dataDir), "a file, not a folder");
  });
});

const FIXTURES: readonly [string, RegExp | null][] = [
  ["cifar-10-binary.tar.gz", null],
  ["truncated.tar.gz", /damaged or cut off/],
  ["bad-label-200.tar.gz", /data_batch_2\.bin: record 1 \(counted from 0\) has label 200; labels are 0 … 9/],
  ["bad-size.tar.gz", /data_batch_3\.bin: its 12291 bytes are no multiple of 3073/],
  ["path-traversal.tar.gz", /"\.\.\/evil" leads out of the data folder/],
];

const shared = await requires("shared data");
for (const [name, pattern] of FIXTURES) {
  Deno.test(`the shared archive ${name}`, shared, async () => {
    const bytes = await Deno.readFile(`${sharedPath()}/datasets/fixtures/${name}`);
    await withArchive(bytes, async (dataDir, get) => {
      if (pattern !== null) {
        await assert.rejects(get(), pattern);
        assert.deepEqual(await tree(dataDir), []);
        return;
      }
      const { folder } = await get();
      const found = await inspect("cifar-10", folder, denoFiles);
      assert.ok(found.kind === "intact");
      assert.deepEqual(found.files.map(({ images }) => images), [4, 4, 4, 4, 4, 10]);
      assert.deepEqual(found.files[0]!.perClass, [0, 0, 0, 2, 1, 0, 0, 0, 0, 1]);
    });
  });
}
