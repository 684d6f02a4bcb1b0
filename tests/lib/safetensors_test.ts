import assert from "node:assert/strict";
import fc from "fast-check";
import { readSafetensors, type SafeTensor, SafetensorsError, writeSafetensors } from "#lib/safetensors.ts";
import { pythonPath, requires } from "../support/requires.ts";

/** A file with a header of one's own making. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

/** The values bit for bit, NaN and −0 included. */
const bits = ({ data }: SafeTensor) => [
  data.constructor.name,
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed() && !value.startsWith("__"));
const shape = fc.array(fc.nat(4), { maxLength: 3 });
const tensor = fc.tuple(
  shape,
  fc.constantFrom(
    Float32Array,
    Float64Array,
    Int8Array,
    Uint8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ),
  fc.infiniteStream(fc.nat(255)),
).map(([shape, Data, stream]): SafeTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = Uint8Array.from({ length: count * Data.BYTES_PER_ELEMENT }, () => stream.next().value);
  return { shape, data: new Data(bytes.buffer) };
});
const contents = fc.tuple(
  fc.dictionary(text, tensor, { maxKeys: 6, noNullPrototype: true }),
  fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
);

Deno.test("what is written is read back bit for bit, and the data begin and lie aligned", () => {
  fc.assert(fc.property(contents, ([tensors, metadata]) => {
    const file = writeSafetensors(tensors, metadata);
    const back = readSafetensors(file);
    assert.deepEqual(back.metadata, metadata);
    assert.deepEqual(Object.keys(back.tensors).sort(), Object.keys(tensors).sort());
    for (const [name, { shape }] of Object.entries(tensors)) {
      assert.deepEqual(back.tensors[name]!.shape, shape);
      assert.deepEqual(bits(back.tensors[name]!), bits(tensors[name]!));
    }
    assert.equal(new DataView(file.buffer).getUint32(0, true) % 8, 0);
    assert.deepEqual(writeSafetensors(back.tensors, back.metadata).length, file.length);
  }));
});

Deno.test("every truncation is refused", () => {
  fc.assert(
    fc.property(contents, ([tensors, metadata]) => {
      const file = writeSafetensors(tensors, metadata);
      for (let length = 0; length < file.length; length++) {
        assert.throws(() => readSafetensors(file.subarray(0, length)), SafetensorsError);
      }
      assert.throws(() => readSafetensors(new Uint8Array([...file, 0])), SafetensorsError);
    }),
    { numRuns: 20 },
  );
});

Deno.test("flipped bits and random bytes are read or refused, nothing else", () => {
  const attempt = (bytes: Uint8Array) => {
    try {
      const { tensors } = readSafetensors(bytes);
      for (const { shape, data } of Object.values(tensors)) {
        assert.equal(shape.reduce((product, size) => product * size, 1), data.length);
      }
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
    }
  };
  fc.assert(
    fc.property(
      contents,
      fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 8 }),
      ([tensors, metadata], flips) => {
        const file = writeSafetensors(tensors, metadata);
        for (const [at, bit] of flips) file[at % file.length]! ^= 1 << bit;
        attempt(file);
      },
    ),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt));
  fc.assert(fc.property(fc.json(), fc.nat(40), (json, size) => attempt(fileOf(json, size))), {
    numRuns: 500,
  });
});

const REFUSED: [string, Uint8Array, RegExp][] = [
  ["an empty file", new Uint8Array(0), /0 bytes are too few/],
  [
    "a header beyond the file",
    new Uint8Array([200, 0, 0, 0, 0, 0, 0, 0, 0x7b]),
    /200 bytes is longer than the file/,
  ],
  ["a header beyond the bound", new Uint8Array(8).fill(255), /longer than 100000000/],
  ["a header that is not JSON", fileOf("{a", 0), /cannot be read/],
  [
    "a header that is not UTF-8",
    (() => {
      const file = fileOf('{"aa":1}', 0);
      file[10] = 0xff;
      return file;
    })(),
    /not UTF-8/,
  ],
  ["a list", fileOf("[1]", 0), /does not begin with \{/],
  [
    "a key that comes twice",
    fileOf(`{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061":{}}`, 4),
    /comes twice/,
  ],
  ["a key twice in the metadata", fileOf('{"__metadata__":{"a":"1","a":"2"}}', 0), /"a" comes twice/],
  ["metadata that are no object", fileOf('{"__metadata__":[]}', 0), /__metadata__ is not an object/],
  ["metadata that are no text", fileOf('{"__metadata__":{"a":1}}', 0), /"a" is not a text/],
  [
    "the name __proto__",
    fileOf('{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1),
    /__proto__/,
  ],
  ["a tensor that is no object", fileOf({ a: 3 }, 0), /"a" is not an object/],
  ["an unknown key", fileOf({ a: { ...f32([1], 0, 4), x: 1 } }, 4), /unknown key "x"/],
  [
    "an unknown dtype",
    fileOf({ a: { ...f32([1], 0, 4), dtype: "BF16" } }, 4),
    /dtype "BF16"; the lab knows F32/,
  ],
  [
    "a dtype from a prototype",
    fileOf({ a: { ...f32([1], 0, 4), dtype: "constructor" } }, 4),
    /dtype "constructor"/,
  ],
  ["a negative shape", fileOf({ a: f32([-1], 0, 4) }, 4), /shape \[-1\]/],
  ["a broken size", fileOf({ a: f32([1.5], 0, 6) }, 6), /shape \[1.5\]/],
  ["a shape that is no list", fileOf({ a: f32("4", 0, 4) }, 4), /shape "4"/],
  ["a null size", fileOf({ a: f32([NaN], 0, 4) }, 4), /shape \[null\]/],
  ["a huge size", fileOf('{"a":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}', 4), /shape/],
  ["a huge product", fileOf({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), /too large/],
  ["a huge product with a zero", fileOf({ a: f32([2 ** 40, 2 ** 40, 0], 0, 0) }, 0), /too large/],
  ["one offset", fileOf({ a: { ...f32([1], 0, 4), data_offsets: [4] } }, 4), /not two whole numbers/],
  ["a negative offset", fileOf({ a: f32([1], -4, 0) }, 4), /data_offsets \[-4,0\]/],
  ["offsets backwards", fileOf({ a: f32([1], 4, 0) }, 4), /give -4/],
  ["a wrong size", fileOf({ a: f32([2], 0, 4) }, 4), /takes 8 bytes, its data_offsets give 4/],
  ["a gap at the start", fileOf({ a: f32([1], 4, 8) }, 8), /leaves a gap/],
  ["a gap between", fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /"b" at byte 8 leaves a gap/],
  ["an overlap", fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), /"b" at byte 4 overlaps/],
  ["the same bytes twice", fileOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /overlaps/],
  ["too few data", fileOf({ a: f32([2], 0, 8) }, 4), /the file has/],
  ["trailing bytes", fileOf({ a: f32([1], 0, 4) }, 5), /the file has/],
];

for (const [what, bytes, message] of REFUSED) {
  Deno.test(`a file is refused for ${what}`, () => {
    assert.throws(() => readSafetensors(bytes), (error) => {
      assert.ok(error instanceof SafetensorsError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("names that lie on a prototype are names like others", () => {
  const tensors = { constructor: { shape: [1], data: Float32Array.of(2) } };
  const back = readSafetensors(writeSafetensors(tensors, { toString: "x" }));
  assert.deepEqual((back.tensors as Record<string, SafeTensor>)["constructor"]!.data, Float32Array.of(2));
  assert.equal(back.metadata["toString"], "x");
});

Deno.test("what the format cannot hold is not written", () => {
  const data = Float32Array.of(1);
  const refused = (tensors: Record<string, SafeTensor>, metadata: Record<string, string>, message: RegExp) =>
    assert.throws(() => writeSafetensors(tensors, metadata), { name: "SafetensorsError", message });
  refused({ a: { shape: [2], data } }, {}, /shape \[2\] has 1 values/);
  refused({ a: { shape: [NaN], data } }, {}, /whole numbers/);
  refused({ __metadata__: { shape: [1], data } }, {}, /cannot be a name/);
  refused(JSON.parse('{"__proto__": 1}'), {}, /cannot be a name/);
  refused({ "\ud800": { shape: [1], data } }, {}, /half a character/);
  refused({}, { a: "\udc00" }, /half a character/);
  refused({ a: { shape: [1], data: new BigInt64Array(1) as never } }, {}, /no dtype for BigInt64Array/);
});

Deno.test("a header of megabytes of escapes is read", () => {
  const long = '"\\é'.repeat(300_000);
  assert.equal(readSafetensors(writeSafetensors({}, { long })).metadata.long, long);
});

// The format as its page tells it, with numpy alone.
const READER = `
import json, struct, sys
import numpy
raw = open(sys.argv[1], "rb").read()
length, = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + length])
out = {"metadata": header.pop("__metadata__", {}), "tensors": {}}
dtypes = {"F32": "<f4", "F64": "<f8", "U8": "<u1", "I32": "<i4"}
for name, entry in header.items():
    begin, end = entry["data_offsets"]
    array = numpy.frombuffer(raw[8 + length + begin:8 + length + end], dtypes[entry["dtype"]])
    out["tensors"][name] = array.reshape(entry["shape"]).tolist()
print(json.dumps(out))
`;

Deno.test(
  "a reader in Python finds the same names, shapes and values",
  // PyTorch brings numpy.
  await requires("python3-torch"),
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".safetensors" });
    try {
      await Deno.writeFile(
        path,
        writeSafetensors({
          "größe/kernel": { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 4, 1e-40, 6) },
          scalar: { shape: [], data: Float64Array.of(0.1) },
          bytes: { shape: [3], data: Uint8Array.of(1, 2, 255) },
          counts: { shape: [2, 1], data: Int32Array.of(-7, 2 ** 30) },
          empty: { shape: [0, 2], data: new Float32Array(0) },
        }, { note: "a “text” 🙂" }),
      );
      const { success, stdout, stderr } = await new Deno.Command(pythonPath(), { args: ["-c", READER, path] })
        .output();
      assert.ok(success, new TextDecoder().decode(stderr));
      assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
        metadata: { note: "a “text” 🙂" },
        tensors: {
          "größe/kernel": [[1, -2, 0.5], [4, Math.fround(1e-40), 6]],
          scalar: 0.1,
          bytes: [1, 2, 255],
          counts: [[-7], [2 ** 30]],
          empty: [],
        },
      });
    } finally {
      await Deno.remove(path);
    }
  },
);
