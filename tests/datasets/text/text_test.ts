import assert from "node:assert/strict";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { DATA_SEED, DataError, type DataFiles, type DataRequest } from "#datasets/source.ts";
import { inspectText } from "#datasets/text/inspect.ts";
import { MOST_TEXT_BYTES, MOST_TEXT_DEPTH } from "#datasets/text/list.ts";
import { windowsOf } from "#datasets/text/read.ts";
import { textFault } from "#datasets/text/utf8.ts";
import { fillBatch, normalisation } from "#train/batches.ts";
import { inFolder } from "../image_files.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const load = (path: string, more: Partial<DataRequest> = {}, files: DataFiles = denoFiles) =>
  loadDataset({
    name: "text",
    path,
    context: 8,
    train: null,
    validation: null,
    test: null,
    seed: DATA_SEED,
    dataDir: null,
    ...more,
  }, files);
const refused = (path: string, message: RegExp, more: Partial<DataRequest> = {}, files?: DataFiles) =>
  assert.rejects(
    load(path, more, files),
    (error) => error instanceof DataError && message.test(error.message),
  );

/** 400 characters of seven different ones. */
const TEXT = "a bag of beans, ".repeat(25);

Deno.test("a text is split by position, and the label of each token is the next", () =>
  inFolder({ "text.txt": utf8(TEXT) }, async (folder) => {
    const data = await load(`${folder}/text.txt`);
    assert.deepEqual([data.shape, data.labelUnit, data.classes.join("")], [[8, 1, 1], "token", " ,abefgnos"]);
    assert.deepEqual(data.text, { unit: "character", charactersPerToken: 1, entropy: null });
    assert.deepEqual([data.train.count, data.validation.count, data.test.count], [41, 4, 4]);
    const written = (tokens: Uint8Array) => [...tokens].map((token) => data.classes[token]).join("");
    assert.equal(written(data.train.images), TEXT.slice(0, 41 * 8));
    assert.equal(written(data.train.labels), TEXT.slice(1, 41 * 8 + 1));
    assert.equal(written(data.test.labels), TEXT.slice(-4 * 8));
    assert.equal(written(data.validation.labels), TEXT.slice(-8 * 8 - 1, -4 * 8 - 1));
    // Held-out windows stay where they are when fewer are trained on.
    const fewer = await load(`${folder}/text.txt`, { train: 10 });
    assert.deepEqual([fewer.train.count, fewer.test.labels], [10, data.test.labels]);
    assert.notEqual(fewer.digest, data.digest);
    assert.equal((await load(`${folder}/text.txt`)).digest, data.digest);
    assert.notEqual((await load(`${folder}/text.txt`, { context: 9 })).digest, data.digest);
  }));

Deno.test("the same text has the same digest in one file or in several, with a byte order mark or without", () =>
  inFolder({
    "one.txt": utf8(TEXT),
    "parts/a.txt": utf8("\ufeff" + TEXT.slice(0, 100)),
    "parts/b/1.md": utf8(TEXT.slice(100, 101)),
    "parts/b/2": utf8(TEXT.slice(101)),
    "parts/.hidden": Uint8Array.of(0, 255),
  }, async (folder) => {
    assert.equal((await load(`${folder}/parts`)).digest, (await load(`${folder}/one.txt`)).digest);
  }));

Deno.test("tokens go into the network as they are, all 256 of them", async () => {
  await inFolder({ "bytes.txt": utf8(TEXT) }, async (folder) => {
    const data = await load(`${folder}/bytes.txt`);
    assert.deepEqual([...normalisation(data)], Array.from({ length: 256 }, (_, token) => token));
    const into = new Float32Array(8);
    const batch = {
      indices: Uint32Array.of(2),
      shiftX: new Int8Array(1),
      shiftY: new Int8Array(1),
      flip: new Uint8Array(1),
    };
    fillBatch(data, batch, into);
    assert.deepEqual([...into], [...data.train.images.subarray(16, 24)]);
  });
});

Deno.test("a text of more than 256 different characters is read as bytes", () => {
  const many = Array.from({ length: 300 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join("");
  const few = many.slice(0, 256);
  return inFolder(
    { "many.txt": utf8(many), "few.txt": utf8(few), "astral.txt": utf8("🙂🙃".repeat(50)) },
    async (folder) => {
      const bytes = await load(`${folder}/many.txt`);
      assert.deepEqual(bytes.text, { unit: "byte", charactersPerToken: 1 / 3, entropy: null });
      assert.ok(bytes.classes.length < 80 && bytes.classes.every((name) => /^0x[0-9a-f]{2}$/.test(name)));
      const characters = await load(`${folder}/few.txt`);
      assert.deepEqual([characters.text!.unit, characters.classes.length], ["character", 256]);
      const astral = await load(`${folder}/astral.txt`);
      assert.deepEqual([astral.classes, astral.train.images.slice(0, 4)], [
        ["🙂", "🙃"],
        Uint8Array.of(0, 1, 0, 1),
      ]);
    },
  );
});

Deno.test("bytes that are no UTF-8 are named by their place", () => {
  const cases: [readonly number[], number | null][] = [
    [[0x61, 0xc3, 0xa9, 0x0a], null],
    [[0xf0, 0x9f, 0x99, 0x82, 0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf], null],
    // A byte alone, one that is cut off, overlong forms, a surrogate, beyond U+10FFFF, NUL, UTF-16.
    [[0x61, 0x80], 1],
    [[0x61, 0x61, 0xe2, 0x82], 2],
    [[0xc0, 0xaf], 0],
    [[0xc1, 0xbf], 0],
    [[0xe0, 0x9f, 0xbf], 0],
    [[0xf0, 0x8f, 0xbf, 0xbf], 0],
    [[0x0a, 0xed, 0xa0, 0x80], 1],
    [[0xf4, 0x90, 0x80, 0x80], 0],
    [[0xf5, 0x80, 0x80, 0x80], 0],
    [[0x61, 0x00], 1],
    [[0xff, 0xfe, 0x61, 0x00], 0],
  ];
  for (const [bytes, offset] of cases) {
    const fault = textFault(Uint8Array.from(bytes));
    assert.equal(fault?.offset ?? null, offset, `${bytes}`);
    const decodes = () => new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
    if (offset === null) assert.doesNotThrow(decodes);
  }
  // What is UTF-8 is what the platform takes for it, for every first byte and second ones on either side of every bound.
  for (let first = 1; first < 256; first++) {
    for (const second of [1, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
      for (const rest of [[], [0x80], [0xbf, 0x80]]) {
        const bytes = Uint8Array.of(first, second, ...rest);
        if ((first ^ second) === 1 && first >= 0xfe) continue;
        let valid = true;
        try {
          new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        } catch {
          valid = false;
        }
        assert.equal(textFault(bytes) === null, valid, `${[...bytes]}`);
      }
    }
  }
  const fault = textFault(
    utf8("ab\ncd\n").length ? Uint8Array.of(...utf8("ab\ncdé\n"), 0x78, 0xff) : new Uint8Array(),
  );
  assert.deepEqual([fault!.line, fault!.column, fault!.offset], [3, 2, 9]);
});

Deno.test("files that are no text, too many, too large, too deep or missing are refused by name", () =>
  inFolder({
    "good.txt": utf8(TEXT),
    "latin/good.txt": utf8(TEXT),
    "latin/bad.txt": Uint8Array.of(...utf8("line\nna"), 0xef, 0x76, 0x65),
    "binary/a.bin": Uint8Array.of(0x50, 0x4b, 3, 4, 0),
    "empty/a.txt": new Uint8Array(),
    "one.txt": utf8("a".repeat(500)),
    "short.txt": utf8("too short"),
  }, async (folder) => {
    await refused(`${folder}/nothing`, /Cannot load text from .*nothing: there is no such file or folder/);
    await refused(
      `${folder}/latin`,
      /latin\/bad\.txt: it is not UTF-8: byte 0xef begins no character \(line 2, byte 3 of it, 7 of the file\); .*data verify text/,
    );
    await refused(`${folder}/binary`, /a\.bin: it holds a NUL byte/);
    await refused(`${folder}/empty`, /empty: it holds no text/);
    await refused(`${folder}/one.txt`, /it has 1 different characters; at least 2/);
    await refused(
      `${folder}/short.txt`,
      /Cannot take the rest as training, 1 validation and 1 test windows of 8 tokens from .*short\.txt: it has 9 tokens, 1 windows/,
    );
    await refused(`${folder}/good.txt`, /Cannot take 42 training/, { train: 42 });

    // Links: one that leads nowhere, one that leads round in a circle, one to a device.
    await Deno.mkdir(`${folder}/links`);
    await Deno.symlink(`${folder}/gone`, `${folder}/links/gone`);
    await refused(`${folder}/links`, /links\/gone: it is a link that leads nowhere/);
    await Deno.remove(`${folder}/links/gone`);
    await Deno.symlink(`${folder}/links`, `${folder}/links/round`);
    await refused(`${folder}/links`, new RegExp(`lies more than ${MOST_TEXT_DEPTH} folders deep; a link`));
    await refused("/dev/null", /it is no regular file/);

    // Sizes are known before anything is read.
    const vast: DataFiles = {
      ...denoFiles,
      stat: async (path) => {
        const found = await denoFiles.stat(path);
        return found && found.isFile ? { ...found, size: MOST_TEXT_BYTES + 1 } : found;
      },
      read: () => Promise.reject(new Error("nothing is read")),
    };
    await refused(`${folder}/good.txt`, /it holds 67108865 bytes; at most 67108864 are read/, {}, vast);

    const found = await inspectText(`${folder}/latin`, denoFiles);
    assert.deepEqual(found.problems.map(({ path }) => path.slice(folder.length)), ["/latin/bad.txt"]);
    const { text } = await inspectText(`${folder}/good.txt`, denoFiles);
    assert.deepEqual([text!.unit, text!.tokens, text!.vocabulary.length], ["character", 400, 10]);
  }));

Deno.test("splits of a text share no token and lie within it, whatever its length", () => {
  for (let tokens = 27; tokens < 400; tokens++) {
    const split = windowsOf(tokens, { train: null, validation: null, test: null, context: 8 }, "x");
    assert.ok(split.train * 8 + 1 <= split.validationFrom);
    assert.ok(split.validationFrom + split.validation * 8 + 1 <= split.testFrom);
    assert.equal(split.testFrom + split.test * 8 + 1, tokens);
  }
});
