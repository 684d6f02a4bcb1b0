import { createHash } from "node:crypto";
import { basename } from "node:path";
import { permutation, random } from "#lib/prng.ts";
import type { PixelSet, Split } from "#train/data.ts";
import { decodeImage } from "../images/decode.ts";
import { type FileProblem, unusable } from "../images/folder.ts";
import { type Colour, ImageError, inColour, MOST_FILE_BYTES } from "../images/pixels.ts";
import { decodeMask, isPng, type Mask } from "../images/png.ts";
import { squareOf } from "../images/resize.ts";
import { DataError, type DataFiles, type DataRequest, MOST_DATA_BYTES } from "../source.ts";
import { sharedSet, splitSizes } from "../split.ts";
import { listPairs, type Pair, type SizedFile } from "./pairs.ts";

/** Share of the pairs that is test data, in a folder that is not split. */
const TEST_SHARE = 0.2;
/** More values than this are no classes: a mask that was scaled or saved as JPEG has values in between. */
const MOST_MASK_CLASSES = 32;
const VERIFY = "`deno task data verify image-masks --path FOLDER` lists what is wrong with every file";

/** The places of the pairs, and what they become. */
export interface MasksRequest {
  readonly path: string;
  /** Height and width in pixels. */
  readonly size: number;
  readonly colour: Colour;
}

/** An image with its mask, both at the size that was asked for; the mask has the values of its file. */
export interface ReadPair {
  readonly pair: Pair;
  /** SHA-256 (hex) over both files. */
  readonly digest: string;
  readonly pixels: Uint8Array;
  readonly mask: Uint8Array;
}

export interface ReadMasks {
  /** Values of the masks, as text, in rising order; the first one is the background. */
  readonly classes: readonly string[];
  readonly train: readonly ReadPair[];
  readonly test: readonly ReadPair[];
}

/**
 * Reads a folder of images and masks. The values that occur in the masks are the classes, in rising order: 0, 1, 2 … or
 * 0 and 255. Without `train` and `test` in it, a fifth of the pairs is test data: those whose SHA-256 is smallest, so that
 * names and the order of files decide nothing. Pairs with the same bytes count once.
 *
 * @throws {DataError} for the first file that cannot be used, for an image without mask, for an image that is both trained
 * and tested on, for less than 2 or more than 32 classes, and for more pixels than {@link MOST_DATA_BYTES}.
 */
export async function readMasks(request: MasksRequest, files: DataFiles): Promise<ReadMasks> {
  const { path, size, colour } = request;
  if (!(await files.stat(path))?.isDirectory) {
    throw new DataError(`Cannot load images with masks from ${path}: there is no such folder`);
  }
  const { pairs, isSplit, problems } = await listPairs(path, files);
  if (problems[0]) throw refused(problems[0]);
  const total = pairs.length * size * size * (colour === "rgb" ? 4 : 2);
  if (total > MOST_DATA_BYTES) {
    throw new DataError(
      `Cannot load images with masks from ${path}: ${pairs.length} of ${size} × ${size} pixels take ${total} bytes; at ` +
        `most ${MOST_DATA_BYTES} are held; take a smaller size`,
    );
  }
  const known = new Map<string, ReadPair>();
  for (const pair of pairs) {
    const read = await readPair(pair, request, files);
    const twin = known.get(read.digest);
    if (twin && twin.pair.part !== pair.part) {
      const problem =
        `has the same bytes as ${twin.pair.image.path}, mask and all: a test image that is trained on ` +
        "flatters the result";
      throw refused({ path: pair.image.path, problem });
    }
    if (!twin) known.set(read.digest, read);
  }
  const read = [...known.values()].sort((a, b) => a.digest < b.digest ? -1 : 1);
  const tested = isSplit
    ? read.filter(({ pair }) => pair.part === "test")
    : read.slice(0, Math.max(1, Math.floor(TEST_SHARE * read.length)));
  return {
    classes: classesOf(read, path).map(String),
    train: read.filter((each) => !tested.includes(each)),
    test: tested,
  };
}

/** @throws {DataError} for a pair that cannot be used, with the file that is at fault. */
export async function readPair(
  pair: Pair,
  { size, colour }: Omit<MasksRequest, "path">,
  files: DataFiles,
): Promise<ReadPair> {
  const image = await named(pair.image, async (bytes) => ({
    bytes,
    pixels: inColour(await decodeImage(bytes, basename(pair.image.path)), colour),
  }), files);
  const mask = await named(pair.mask, async (bytes) => {
    if (!isPng(bytes)) throw new ImageError("is no PNG; masks are, since JPEG changes their values");
    const decoded = await decodeMask(bytes);
    const { width, height } = image.pixels;
    if (decoded.width !== width || decoded.height !== height) {
      throw new ImageError(
        `has ${decoded.width} × ${decoded.height} pixels, and ${pair.image.path} has ${width} × ${height}`,
      );
    }
    return { bytes, values: nearestSquare(decoded, size) };
  }, files);
  const digest = createHash("sha256").update(image.bytes).update(mask.bytes).digest("hex");
  return { pair, digest, pixels: squareOf(image.pixels, size), mask: mask.values };
}

/** The largest square in the middle of a mask, each new pixel the old one at its centre: `[size, size]`. */
function nearestSquare({ width, height, data }: Mask, size: number): Uint8Array {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const from = Array.from({ length: size }, (_, at) => Math.floor((at + 0.5) * side / size));
  return Uint8Array.from(
    { length: size * size },
    (_, pixel) => data[(top + from[Math.floor(pixel / size)]!) * width + left + from[pixel % size]!]!,
  );
}

/** The values that occur in masks, rising. @throws {DataError} for too few or too many. */
export function classesOf(read: readonly Pick<ReadPair, "mask" | "pair">[], path: string): number[] {
  const values = new Set<number>();
  for (const { mask, pair } of read) {
    for (const value of mask) values.add(value);
    if (values.size > MOST_MASK_CLASSES) {
      const problem =
        `brings the values in masks to more than ${MOST_MASK_CLASSES}; each value is a class, so a mask ` +
        "may be neither scaled smoothly nor saved with loss";
      throw refused({ path: pair.mask.path, problem });
    }
  }
  if (values.size < 2) {
    throw refused({ path, problem: "has masks of one value alone; at least 2 classes can be told apart" });
  }
  return [...values].sort((a, b) => a - b);
}

/** Splits of pairs, in a seeded order. @throws {DataError} for more images than there are. */
export function splitPairs(
  { classes, train: pool, test }: ReadMasks,
  request: Pick<DataRequest, Split | "seed" | "path">,
): Readonly<Record<Split, PixelSet>> {
  const where = request.path!;
  const sizes = splitSizes(pool.length, request, where);
  const tested = request.test ?? test.length;
  if (tested > test.length) {
    throw new DataError(
      `Cannot take ${tested} test images from ${where}: it holds ${test.length}. Ask for fewer`,
    );
  }
  const order = permutation(pool.length, random(request.seed, "masks", "train"));
  const testOrder = permutation(test.length, random(request.seed, "masks", "test"));
  const numbers = new Map(classes.map((value, label) => [Number(value), label]));
  const take = (from: readonly ReadPair[], chosen: Uint32Array) => joined(from, chosen, numbers);
  return {
    train: take(pool, order.subarray(sizes.validation, sizes.validation + sizes.train)),
    validation: take(pool, order.subarray(0, sizes.validation)),
    test: take(test, testOrder.subarray(0, tested)),
  };
}

function joined(
  from: readonly ReadPair[],
  chosen: Uint32Array,
  numbers: ReadonlyMap<number, number>,
): PixelSet {
  const { pixels, mask } = from[0]!;
  const set = sharedSet(chosen.length, pixels.length, mask.length);
  chosen.forEach((pair, place) => {
    const read = from[pair]!;
    set.images.set(read.pixels, place * pixels.length);
    set.labels.set(read.mask.map((value) => numbers.get(value)!), place * mask.length);
  });
  return set;
}

/** The result of `use` on a file's bytes; names the file in a refusal. */
async function named<T>(
  { path, bytes: size }: SizedFile,
  use: (bytes: Uint8Array) => Promise<T>,
  files: DataFiles,
): Promise<T> {
  try {
    if (size > MOST_FILE_BYTES) {
      throw new ImageError(`is too large: ${size} bytes; at most ${MOST_FILE_BYTES} are read`);
    }
    return await use(await files.read(path, MOST_FILE_BYTES));
  } catch (error) {
    throw error instanceof ImageError ? refused({ path, problem: error.message }) : error;
  }
}

const refused = (problem: FileProblem) => unusable(problem, VERIFY);
