import assert from "node:assert/strict";
import { decodeImage } from "#datasets/images/decode.ts";
import { ImageError, inColour } from "#datasets/images/pixels.ts";
import { squareOf } from "#datasets/images/resize.ts";
import { GREY, PROGRESSIVE } from "./jpeg_files.ts";
import { deflated, ihdr, jpg, picture, png, pngOf } from "./image_files.ts";

const NONE = new Uint8Array();
const row = (...samples: number[]) => [0, ...samples];

Deno.test("a PNG of eight bits is decoded to its pixels, interlaced or not", async () => {
  const plain = await decodeImage(png(3, 9, 5), "a.png");
  assert.deepEqual([plain.width, plain.height, plain.channels], [9, 5, 3]);
  assert.deepEqual(plain.data, picture(3, 9, 5));
  const { encode } = await import("fast-png");
  const image = { width: 9, height: 5, channels: 3, data: picture(3, 9, 5) };
  assert.deepEqual((await decodeImage(encode(image, { interlace: "Adam7" }), "a.PNG")).data, plain.data);
});

Deno.test("grey of one bit, a palette with alpha, and a colour that is transparent come out on white", async () => {
  const grey = pngOf([
    ["IHDR", ihdr(9, 2, 1, 0)],
    ["IDAT", deflated(Uint8Array.from([...row(0b10101010, 0x80), ...row(0, 0)]))],
    ["IEND", NONE],
  ]);
  const { data, channels } = await decodeImage(grey, "a.png");
  assert.equal(channels, 1);
  assert.deepEqual([...data], [255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const palette = pngOf([
    ["IHDR", ihdr(3, 1, 8, 3)],
    ["PLTE", Uint8Array.of(10, 20, 30, 100, 0, 0, 7, 8, 9)],
    ["tRNS", Uint8Array.of(255, 0, 51)],
    ["IDAT", deflated(Uint8Array.from(row(0, 1, 2)))],
    ["IEND", NONE],
  ]);
  assert.deepEqual([...(await decodeImage(palette, "a.png")).data], [
    10,
    20,
    30,
    255,
    255,
    255,
    205,
    206,
    206,
  ]);
  const clear = pngOf([
    ["IHDR", ihdr(3, 1)],
    ["tRNS", Uint8Array.of(0, 1, 0, 2, 0, 3)],
    ["IDAT", deflated(Uint8Array.from(row(1, 2, 3, 4, 5, 6, 7, 8, 9)))],
    ["IEND", NONE],
  ]);
  assert.deepEqual([...(await decodeImage(clear, "a.png")).data], [255, 255, 255, 4, 5, 6, 7, 8, 9]);
  const alpha = pngOf([
    ["IHDR", ihdr(1, 1, 8, 6)],
    ["IDAT", deflated(Uint8Array.from(row(100, 0, 0, 51)))],
    ["IEND", NONE],
  ]);
  assert.deepEqual([...(await decodeImage(alpha, "a.png")).data], [224, 204, 204]);
});

Deno.test("a JPEG is decoded to nearly its pixels, and one of plain red, green and blue without conversion", async () => {
  const smooth = Uint8Array.from({ length: 3 * 256 }, (_, at) => [200, 100, 50][at % 3]!);
  const { encode } = (await import("jpeg-js")).default;
  const rgba = Uint8Array.from({ length: 4 * 256 }, (_, at) => at % 4 === 3 ? 255 : smooth[at % 4]!);
  const bytes = new Uint8Array(encode({ width: 16, height: 16, data: rgba }, 100).data);
  const { data, channels } = await decodeImage(bytes, "a.jpeg");
  assert.equal(channels, 3);
  data.forEach((value, at) => assert.ok(Math.abs(value - smooth[at]!) <= 2, `${value} at ${at}`));
  // The same numbers, said to be red, green and blue by Adobe's segment: the luma is the red.
  const adobe = [0xff, 0xee, 0, 14, ...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, 0];
  const plain = await decodeImage(
    Uint8Array.from([...bytes.subarray(0, 2), ...adobe, ...bytes.subarray(2)]),
    "a.jpg",
  );
  assert.ok(Math.abs(plain.data[0]! - (0.299 * 200 + 0.587 * 100 + 0.114 * 50)) <= 2, `${plain.data[0]}`);
});

/** A JPEG with bytes of its frame header changed: bits, height and width, two bytes each. */
function framed(values: readonly number[]): Uint8Array {
  const bytes = jpg(1);
  const at = bytes.findIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xc0);
  bytes.set(values, at + 4);
  return bytes;
}

function cmyk(): Uint8Array {
  const bytes = jpg(1);
  const at = bytes.findIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xc0);
  const frame = [0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 17, 0, 2, 17, 1, 3, 17, 1, 4, 17, 1];
  return Uint8Array.from([...bytes.subarray(0, at), ...frame, ...bytes.subarray(at + 19)]);
}

function manyScans(): Uint8Array {
  const bytes = jpg(1);
  const at = bytes.findIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xda);
  const scan = bytes.subarray(at, -2);
  return Uint8Array.from([...bytes.subarray(0, at), ...Array(101).fill([...scan]).flat(), 0xff, 0xd9]);
}

/** 10 MB of zeros for an image of one pixel. */
const bomb = () => pngOf([["IHDR", ihdr(1, 1)], ["IDAT", deflated(new Uint8Array(1e7))], ["IEND", NONE]]);

const HOSTILE: readonly (readonly [title: string, name: string, bytes: () => Uint8Array, message: RegExp])[] =
  [
    ["no bytes", "a.png", () => NONE, /^is empty: 0 bytes$/],
    ["another extension", "a.txt", () => png(1), /a class folder holds \.png, \.jpg, \.jpeg files/],
    [
      "a PNG's name on a JPEG",
      "a.png",
      () => jpg(1),
      /is a JPEG, though it is called \.png; rename it to \.jpg/,
    ],
    ["a PNG's name on a text", "a.png", () => new TextEncoder().encode("hello"), /is no PNG or JPEG/],
    [
      "a PNG that is cut in its chunks",
      "a.png",
      () => png(1).slice(0, -20),
      /is cut off: it ends after \d+ bytes/,
    ],
    [
      "a PNG whose pixels are cut",
      "a.png",
      () => pngOf([["IHDR", ihdr(8, 8)], ["IDAT", deflated(new Uint8Array(99))], ["IEND", NONE]]),
      /is cut off: it holds 99 of the 200 bytes of its pixels/,
    ],
    ["a flipped bit", "a.png", () => png(1).map((byte, at) => at === 60 ? byte ^ 4 : byte), /is damaged/],
    ["a bomb", "a.png", bomb, /unpacks to more than the 4 bytes of its 1 × 1 pixels/],
    [
      "a profile that is a bomb, beside good pixels",
      "a.png",
      () =>
        pngOf([
          ["IHDR", ihdr(100_000, 100_000)],
          ["iCCP", Uint8Array.of(65, 0, 0, ...deflated(new Uint8Array(1e6)))],
          ["IEND", NONE],
        ]),
      /is too large: 100000 × 100000 pixels; at most 25 million are decoded/,
    ],
    [
      "an animation",
      "a.png",
      () => pngOf([["IHDR", ihdr(1, 1)], ["acTL", new Uint8Array(8)], ["IEND", NONE]]),
      /is animated/,
    ],
    [
      "16 bits",
      "a.png",
      () => pngOf([["IHDR", ihdr(1, 1, 16)], ["IEND", NONE]]),
      /has 16 bits a channel; save it with 8/,
    ],
    ["no pixels", "a.png", () => pngOf([["IHDR", ihdr(0, 4)], ["IEND", NONE]]), /has no pixels: 0 × 4/],
    ["a colour beyond the palette", "a.png", () =>
      pngOf([
        ["IHDR", ihdr(1, 1, 8, 3)],
        ["PLTE", Uint8Array.of(1, 2, 3)],
        ["IDAT", deflated(Uint8Array.of(0, 9))],
        ["IEND", NONE],
      ]), /a pixel has colour 9 of a palette of 1/],
    ["a JPEG that is cut", "a.jpg", () => jpg(1).slice(0, -30), /is cut off: .* without its end marker/],
    ["a JPEG in CMYK", "a.jpg", cmyk, /is in CMYK \(4 channels\); save it in RGB or grey/],
    ["a JPEG of 12 bits", "a.jpg", () => framed([12]), /has 12 bits a channel/],
    [
      "a JPEG of 65,535 × 65,535",
      "a.jpg",
      () => framed([8, 255, 255, 255, 255]),
      /is too large: 65535 × 65535/,
    ],
    ["a JPEG of too many scans", "a.jpg", manyScans, /has 101 scans; at most 100/],
  ];

for (const [title, name, bytes, message] of HOSTILE) {
  Deno.test(`an image file with ${title} is refused in words`, async () => {
    await assert.rejects(
      decodeImage(bytes(), name),
      (error) => error instanceof ImageError && message.test(error.message),
    );
  });
}

Deno.test("a progressive JPEG and a grey one with restart markers are decoded to nearly their pixels", async () => {
  const colour = await decodeImage(PROGRESSIVE, "a.jpg");
  assert.deepEqual([colour.width, colour.height, colour.channels], [17, 9, 3]);
  // Chroma is averaged over four pixels, so only what changes slowly is near: red, in which the ramp is least steep.
  const reds = Array.from({ length: 17 * 9 }, (_, at) => Math.abs(colour.data[3 * at]! - rampAt(at)));
  assert.ok(reds.toSorted((a, b) => a - b)[76]! < 30, String(reds));
  const grey = await decodeImage(GREY, "a.jpg");
  assert.deepEqual([grey.width, grey.height, grey.channels], [17, 9, 1]);
  const errors = Array.from(grey.data, (value, at) => Math.abs(value - rampAt(at)));
  assert.ok(Math.max(...errors.filter((_, at) => at % 17 < 14)) < 20, String(errors));
});

/** 13x + 7y of a picture 17 pixels wide. */
const rampAt = (at: number) => (13 * (at % 17) + 7 * Math.floor(at / 17)) % 256;

Deno.test("every beginning of a PNG and of a JPEG, and every flipped byte, is decoded or refused in words", async () => {
  for (const [name, whole] of [["a.png", png(5)], ["a.jpg", jpg(5)]] as const) {
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.map((byte, index) => index === at ? byte ^ 0x55 : byte);
      for (const bytes of [whole.subarray(0, at), flipped]) {
        await decodeImage(bytes, name).catch((error) =>
          assert.ok(error instanceof ImageError, String(error))
        );
      }
    }
  }
});

Deno.test("an image of the size asked for stays as it is; a larger one is averaged, and cropped in its middle", () => {
  const image = { width: 8, height: 8, channels: 3 as const, data: picture(4) };
  assert.deepEqual(squareOf(image, 8), image.data);
  // 8 × 4: black but for a white square in the middle half.
  const wide = Uint8Array.from({ length: 32 }, (_, at) => at % 8 >= 2 && at % 8 < 6 ? 255 : 0);
  assert.deepEqual(
    squareOf({ width: 8, height: 4, channels: 1, data: wide }, 2),
    Uint8Array.of(255, 255, 255, 255),
  );
  // A ramp keeps its mean, and grows without overshoot.
  const ramp = Uint8Array.from({ length: 16 }, (_, at) => 17 * at);
  const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const grown = squareOf({ width: 4, height: 4, channels: 1, data: ramp }, 16);
  assert.ok(Math.abs(mean(grown) - mean(ramp)) < 1);
  assert.ok(
    Math.abs(mean(squareOf({ width: 16, height: 16, channels: 1, data: grown }, 4)) - mean(ramp)) < 1,
  );
});

Deno.test("grey is BT.601's luma, and grey images are grey in colour", () => {
  const colour = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0, 10, 200, 30) };
  assert.deepEqual([...inColour(colour, "grey").data], [76, 124]);
  const grey = { width: 2, height: 1, channels: 1 as const, data: Uint8Array.of(7, 9) };
  assert.deepEqual([...inColour(grey, "rgb").data], [7, 7, 7, 9, 9, 9]);
  assert.equal(inColour(grey, "grey").data, grey.data);
});
