import { findIdx, type Idx, readIdx } from "./idx.ts";
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

/**
 * Reads images and labels of a split from the official files of a folder, compressed or not.
 *
 * @throws {DataError} for a file that is missing, cut off, of another format or of another length than its partner.
 */
export async function readFashion(
  folder: string,
  split: "train" | "t10k",
  files: DataFiles,
): Promise<RawImages> {
  const [images, labels] = await Promise.all([
    read(`${split}-images-idx3-ubyte`, 3),
    read(`${split}-labels-idx1-ubyte`, 1),
  ]);
  const [count, height, width] = images.shape;
  if (height !== 28 || width !== 28) {
    throw new DataError(
      `Cannot use ${images.path}: its images have ${height} × ${width} pixels, not 28 × 28; ${GET}`,
    );
  }
  if (count !== labels.shape[0]) {
    throw new DataError(
      `Cannot use ${images.path}: it holds ${count} images, but ${labels.path} holds ${
        labels.shape[0]
      } labels; ${GET}`,
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

  async function read(name: string, dimensions: 1 | 3): Promise<Idx> {
    const path = await findIdx(folder, name, files);
    if (path !== null) {
      const mostBytes = MOST_IMAGES * (dimensions === 3 ? IMAGE_BYTES : 1);
      return await readIdx(path, { dimensions, mostBytes, help: GET }, files);
    }
    const all = MANIFESTS["fashion-mnist"].files.map(({ name }) => name).join(", ");
    throw new DataError(
      `Cannot load fashion-mnist: ${folder}/${name}.gz is missing; it needs ${all}; ${GET}`,
    );
  }
}
