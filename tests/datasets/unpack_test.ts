import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { DataError } from "#datasets/source.ts";
import { unpack } from "#datasets/unpack.ts";
import { archive, batch, entry, goodEntries, type TarEntry } from "./archives.ts";

const EXPECTED = {
  folder: "cifar-10-batches-bin",
  mostBytes: { "batches.meta.txt": 200, "data_batch_1.bin": 40_000, "test_batch.bin": 40_000 },
};

/** Unpacks into an inner folder and looks at everything that is there afterwards, also beside it. */
async function tryUnpack(bytes: Uint8Array) {
  const outer = await Deno.makeTempDir();
  await Deno.mkdir(`${outer}/inner`);
  let error: unknown = null;
  let written: string[] = [];
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream();
    written = await unpack(stream, `${outer}/inner`, EXPECTED, new AbortController().signal);
  } catch (thrown) {
    error = thrown;
  }
  const outside = (await Array.fromAsync(Deno.readDir(outer), ({ name }) => name)).filter((name) =>
    name !== "inner"
  );
  const inside = await Array.fromAsync(Deno.readDir(`${outer}/inner`), ({ name }) => name);
  await Deno.remove(outer, { recursive: true });
  return { error, written, outside, inside: inside.sort() };
}

Deno.test("takes the files that are expected", async () => {
  const { error, written, inside } = await tryUnpack(await archive(goodEntries()));
  assert.equal(error, null);
  assert.deepEqual(written, ["batches.meta.txt", "data_batch_1.bin", "test_batch.bin"]);
  assert.deepEqual(inside, written);
});

const HOSTILE: readonly [string, TarEntry, RegExp][] = [
  ["a path that leads out", { name: "../evil" }, /"\.\.\/evil" leads out of the data folder/],
  [
    "a path that leads out from within",
    { name: "cifar-10-batches-bin/../../evil" },
    /leads out of the data folder/,
  ],
  ["a backslash path", { name: "cifar-10-batches-bin\\..\\evil" }, /leads out of the data folder/],
  ["an absolute path", { name: "/tmp/evil" }, /"\/tmp\/evil" is an absolute path/],
  ["a drive", { name: "C:\\evil" }, /is an absolute path/],
  [
    "a symbolic link",
    { name: "cifar-10-batches-bin/data_batch_1.bin", type: "symlink", linkname: "/etc/passwd" },
    /is a symlink, not a file/,
  ],
  [
    "a hard link",
    { name: "cifar-10-batches-bin/data_batch_1.bin", type: "link", linkname: "/etc/passwd" },
    /is a link, not a file/,
  ],
  [
    "a device",
    { name: "cifar-10-batches-bin/null", type: "character-device" },
    /is a character-device, not a file/,
  ],
  ["a pipe", { name: "cifar-10-batches-bin/test_batch.bin", type: "fifo" }, /is a fifo, not a file/],
  ["a folder of another name", { name: "elsewhere/", type: "directory" }, /is a directory, not a file/],
  ["a file of another name", { name: "cifar-10-batches-bin/run.sh" }, /run\.sh" is not expected; allowed in/],
  ["a file of another folder", { name: "elsewhere/data_batch_1.bin" }, /is not expected/],
  [
    "a file too large",
    entry("batches.meta.txt", new Uint8Array(201)),
    /has 201 bytes; at most 200 are allowed/,
  ],
];

for (const [title, hostile, pattern] of HOSTILE) {
  Deno.test(`refuses ${title}, and writes nothing outside`, async () => {
    const [folder, ...rest] = goodEntries();
    const { error, outside } = await tryUnpack(await archive([folder!, hostile, ...rest]));
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, /^Refused the archive: /);
    assert.match(error.message, pattern);
    assert.deepEqual(outside, []);
  });
}

Deno.test("refuses a file that occurs twice", async () => {
  const { error } = await tryUnpack(await archive([...goodEntries(), entry("data_batch_1.bin", batch([1]))]));
  assert.match(String(error), /data_batch_1\.bin" occurs twice/);
});

Deno.test("refuses an archive that unpacks to more than its files may hold", async () => {
  // A path header of 2 MB is read by the library itself, so that only the total can stop it.
  const long = { name: `cifar-10-batches-bin/${"x".repeat(2_000_000)}` };
  const { error, outside } = await tryUnpack(await archive([long, ...goodEntries()]));
  assert.ok(error instanceof DataError);
  assert.match(error.message, /unpacks to more than \d+ bytes/);
  assert.deepEqual(outside, []);
});

Deno.test("refuses an archive that is cut off anywhere, or is none", async () => {
  const whole = await archive(goodEntries());
  for (const length of [5, 100, Math.floor(whole.length / 2), whole.length - 1]) {
    const { error } = await tryUnpack(whole.subarray(0, length));
    assert.match(String(error), /damaged or cut off/, `${length} of ${whole.length} bytes`);
  }
  const tar = gunzipSync(whole);
  const { error } = await tryUnpack(new Uint8Array(gzipSync(tar.subarray(0, 3000))));
  assert.match(String(error), /damaged or cut off/);
  assert.match(String((await tryUnpack(tar)).error), /damaged or cut off/);
});
