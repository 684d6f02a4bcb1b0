import assert from "node:assert/strict";
import { encode } from "fast-png";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { inspectMasks } from "#datasets/masks/inspect.ts";
import { DATA_SEED, DataError, type DataRequest } from "#datasets/source.ts";
import { inFolder, jpg, picture, png } from "./image_files.ts";

const SIDE = 8;

/** A grey mask: a square of `value` in one corner, on 0. */
function mask(corner: number, value = 1, width = SIDE, height = SIDE): Uint8Array {
  const data = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return x <= corner % 5 + 1 && y <= 2 ? value : 0;
  });
  return encode({ width, height, channels: 1, data });
}

/** `count` pairs below a folder; masks with the values 0 and `value`. */
const pairs = (count: number, { below = "", value = 1, from = 0 } = {}) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      [`${below}images/p${from + at}.png`, png(from + at)],
      [`${below}masks/p${from + at}.png`, mask(from + at, value)],
    ]).flat(),
  ) as Record<string, Uint8Array>;

const load = (path: string, more: Partial<DataRequest> = {}) =>
  loadDataset({
    name: "image-masks",
    path,
    size: SIDE,
    train: null,
    validation: null,
    test: null,
    seed: DATA_SEED,
    dataDir: null,
    ...more,
  }, denoFiles);

async function refused(path: string, message: RegExp, more: Partial<DataRequest> = {}): Promise<void> {
  await assert.rejects(
    load(path, more),
    (error) => error instanceof DataError && message.test(error.message),
  );
}

Deno.test("a folder of images and masks is split by content: a fifth of the pairs is test data", () =>
  inFolder(pairs(10), async (folder) => {
    const data = await load(folder);
    assert.deepEqual([data.shape, data.labelUnit, data.classes], [[SIDE, SIDE, 3], "pixel", ["0", "1"]]);
    assert.deepEqual([data.train.count, data.validation.count, data.test.count], [7, 1, 2]);
    assert.equal(data.train.labels.length, 7 * SIDE * SIDE);
    assert.deepEqual([...new Set(data.train.labels)].sort(), [0, 1]);
    // Names decide nothing.
    for (const side of ["images", "masks"]) {
      await Deno.rename(`${folder}/${side}/p3.png`, `${folder}/${side}/a ünïcode.png`);
    }
    assert.equal((await load(folder)).digest, data.digest);
    assert.notEqual((await load(folder, { colour: "grey" })).digest, data.digest);
  }));

Deno.test("each mask stays with its image, pixel by pixel", () =>
  inFolder(pairs(10), async (folder) => {
    const { train } = await load(folder);
    for (let image = 0; image < train.count; image++) {
      const pixels = [...train.images.subarray(image * SIDE * SIDE * 3, (image + 1) * SIDE * SIDE * 3)]
        .join();
      const labels = [...train.labels.subarray(image * SIDE * SIDE, (image + 1) * SIDE * SIDE)];
      const number = Array.from({ length: 10 }, (_, seed) => seed).find((seed) =>
        picture(seed, SIDE, SIDE).join() === pixels
      );
      assert.ok(number !== undefined, "the image is one of the files");
      assert.deepEqual(
        labels,
        Array.from(
          { length: SIDE * SIDE },
          (_, pixel) => pixel % SIDE <= number % 5 + 1 && Math.floor(pixel / SIDE) <= 2 ? 1 : 0,
        ),
      );
    }
  }));

Deno.test("0 and 255 are two classes, a palette's indices are classes, and a split folder is taken as it is", () =>
  inFolder(
    { ...pairs(4, { below: "train/", value: 255 }), ...pairs(2, { below: "test/", value: 255, from: 50 }) },
    async (folder) => {
      const palette = [[0, 0, 0], [255, 0, 0]];
      const data = Uint8Array.from({ length: SIDE * SIDE }, (_, pixel) => pixel % 2);
      const indexed = encode({ width: SIDE, height: SIDE, channels: 1, data, palette });
      await Deno.writeFile(`${folder}/train/masks/p0.png`, indexed);
      await refused(`${folder}/nowhere`, /there is no such folder/);
      const { classes, test, train } = await load(folder);
      assert.deepEqual(classes, ["0", "1", "255"]);
      assert.deepEqual([test.count, train.count], [2, 3]);
      assert.deepEqual([...new Set(test.labels)].sort(), [0, 2]);
    },
  ));

/** Columns 12 to 27 of an image of 40 × 24 pixels. */
const MIDDLE = Uint8Array.from({ length: 40 * 24 }, (_, at) => at % 40 >= 12 && at % 40 < 28 ? 200 : 0);

Deno.test("images are cropped and scaled, and masks by their nearest pixels, without values in between", () =>
  inFolder(
    Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [
        [`images/p${at}.jpg`, jpg(at, 40, 24)],
        [`masks/p${at}.png`, encode({ width: 40, height: 24, channels: 1, data: MIDDLE })],
      ]).flat(),
    ),
    async (folder) => {
      const { classes, shape, train } = await load(folder, { size: 12 });
      assert.deepEqual(classes, ["0", "200"]);
      assert.deepEqual(shape, [12, 12, 3]);
      // The square in the middle begins at column 8: columns 12 to 27 of the file are 2 to 9 of the image.
      assert.deepEqual([...train.labels.subarray(0, 12)], [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    },
  ));

const BROKEN: readonly [string, Record<string, Uint8Array | null>, RegExp][] = [
  ["an image without mask", { "images/new.png": png(77) }, /images\/new\.png: it has no mask: .*new\.png/],
  ["a mask without image", { "masks/new.png": mask(1) }, /masks\/new\.png: it is the mask of no image/],
  [
    "a mask of another size",
    { "masks/p1.png": mask(1, 1, 9, 8) },
    /p1\.png: it has 9 × 8 pixels, and .* 8 × 8/,
  ],
  [
    "a mask in colour",
    { "masks/p1.png": png(1) },
    /p1\.png: it has pixels in rgb; a mask is a grey or indexed/,
  ],
  ["a mask as JPEG", { "masks/p1.png": jpg(1) }, /p1\.png: it is no PNG; masks are/],
  ["a mask with values in between", {
    "masks/p1.png": encode({
      width: SIDE,
      height: SIDE,
      channels: 1,
      data: Uint8Array.from({ length: SIDE * SIDE }, (_, at) => at),
    }),
  }, /more than 32; each value is a class/],
  ["two masks of one name", { "masks/p1.jpg": mask(2) }, /is a second mask of one name/],
];

for (const [title, files, message] of BROKEN) {
  Deno.test(`${title} is refused with the file, and listed by data verify`, () =>
    inFolder({ ...pairs(6), ...files as Record<string, Uint8Array> }, async (folder) => {
      await refused(folder, message);
      const { problems } = await inspectMasks(folder, denoFiles);
      assert.ok(problems.length > 0);
    }));
}

Deno.test("without masks or images, with one class, or with a test image that is trained on, nothing is loaded", () =>
  inFolder(pairs(6, { value: 0 }), async (folder) => {
    await refused(folder, /masks of one value alone/);
    await Deno.remove(`${folder}/masks`, { recursive: true });
    await refused(folder, /has no folder masks; images lie in `images`/);
    await inFolder(
      { ...pairs(4, { below: "train/" }), ...pairs(2, { below: "test/" }) },
      (split) => refused(split, /a test image that is trained on/),
    );
  }));

Deno.test("data verify counts the images that have each class", () =>
  inFolder(pairs(6), async (folder) => {
    const found = await inspectMasks(folder, denoFiles);
    assert.deepEqual(found.classes, ["0", "1"]);
    assert.deepEqual(found.parts.map(({ name, images, perClass }) => [name, images, perClass]), [["all", 6, [
      6,
      6,
    ]]]);
    assert.deepEqual(found.problems, []);
  }));
