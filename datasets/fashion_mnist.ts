import { MANIFESTS } from "./manifest.ts";
import { DataError, type DataFiles, type RawImages } from "./source.ts";

export const FASHION_SHAPE = [28, 28, 1] as const;
/** By label, as the official page lists them. */
export const FASHION_CLASSES = [
  "T-shirt/top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;

const GET = "get the whole data set with `deno task data get fashion-mnist`";
const IMAGE_BYTES = 28 * 28;
/** Most images in a file; the official training file has exactly as many. */
const MOST_IMAGES = 60_000;
/** Big-endian magic numbers of IDX: unsigned bytes in three dimensions, and in one. */
const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

/**
 * Reads images and labels of a split from the official `.gz` files of a folder.
 *
 * @throws {DataError} for a file that is missing, cut off, of another format or of another length than its partner.
 */
export async function readFashion(
  folder: string,
  split: "train" | "t10k",
  files: DataFiles,
): Promise<RawImages> {
  const [images, labels] = await Promise.all([
    readIdx(`${folder}/${split}-images-idx3-ubyte.gz`, IMAGES_MAGIC, files),
    readIdx(`${folder}/${split}-labels-idx1-ubyte.gz`, LABELS_MAGIC, files),
  ]);
  if (images.count !== labels.count) {
    throw new DataError(
      `Cannot use ${images.path}: it holds ${images.count} images, but ${labels.path} holds ${labels.count} labels; ${GET}`,
    );
  }
  const wrong = labels.body.findIndex((label) => label >= FASHION_CLASSES.length);
  if (wrong >= 0) {
    throw new DataError(
      `Cannot use ${labels.path}: record ${wrong} (counted from 0) has label ${labels.body[wrong]}; ` +
        `labels are 0 … 9; ${GET}`,
    );
  }
  return { images: images.body, labels: labels.body };
}

interface Idx {
  readonly path: string;
  readonly count: number;
  readonly body: Uint8Array;
}

/** One IDX file: magic number, dimensions, bytes. */
async function readIdx(path: string, magic: number, files: DataFiles): Promise<Idx> {
  if ((await files.stat(path)) === null) {
    const all = MANIFESTS["fashion-mnist"].files.map(({ name }) => name).join(", ");
    throw new DataError(`Cannot load fashion-mnist: ${path} is missing; it needs ${all}; ${GET}`);
  }
  const dimensions = magic & 0xff;
  const head = 4 + 4 * dimensions;
  const item = dimensions === 3 ? IMAGE_BYTES : 1;
  const bytes = await gunzip(await files.read(path), head + MOST_IMAGES * item, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < head || view.getUint32(0) !== magic) {
    throw new DataError(
      `Cannot use ${path}: it does not begin as an IDX file of ${dimensions}-D bytes; ${GET}`,
    );
  }
  const count = view.getUint32(4);
  const square = dimensions === 1 || (view.getUint32(8) === 28 && view.getUint32(12) === 28);
  if (!square || count === 0 || bytes.length !== head + count * item) {
    throw new DataError(
      `Cannot use ${path}: its header and its ${bytes.length} bytes do not agree on ` +
        `${dimensions === 3 ? "28 × 28 images" : "labels"}; ${GET}`,
    );
  }
  return { path, count, body: bytes.subarray(head) };
}

/** Unpacks in memory, up to `most` bytes. */
async function gunzip(packed: Uint8Array, most: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = new Blob([new Uint8Array(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const chunk of stream) {
      length += chunk.length;
      if (length > most) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new DataError(`Cannot use ${path}: it is not a whole gzip file; ${GET}`, { cause: error });
  }
  if (length > most) throw new DataError(`Cannot use ${path}: it unpacks to more than ${most} bytes; ${GET}`);
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
