import type { NumberedImages } from "../idx_pair.ts";
import { checkSides, numberedClasses } from "../labels.ts";
import { DataError, type DataFiles, MOST_DATA_BYTES, type RawImages } from "../source.ts";
import { type NpyArray, readNpy } from "./npy.ts";
import { readZip } from "./zip.ts";

/** Arrays as Keras names them. */
const ARRAYS = ["x_train", "y_train", "x_test", "y_test"] as const;
/** All four arrays: images of a gibibyte, or of a quarter of it in float32, for training and for tests. */
const MOST_UNPACKED = 2 * MOST_DATA_BYTES;
/** Read whole into memory. */
const MOST_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads a `.npz` with `x_train`, `y_train`, `x_test` and `y_test`, by np.savez or np.savez_compressed.
 *
 * Images are `[count, height, width]` or `[count, height, width, 1 or 3]`: whole numbers from 0 to 255, or floats, which
 * are taken times 255 where all lie within 0 … 1. Labels are `[count]` or `[count, 1]`.
 *
 * @throws {DataError} for anything else; the message names the array.
 */
export async function readNpz(path: string, files: DataFiles): Promise<NumberedImages> {
  if ((await files.stat(path)) === null) throw new DataError(`Cannot read ${path}: there is no such file`);
  const bytes = await files.read(path, MOST_FILE_BYTES);
  const unpacked = await readZip(bytes, path, ARRAYS.map((name) => `${name}.npy`), MOST_UNPACKED);
  const array = (name: typeof ARRAYS[number]) => readNpy(unpacked.get(`${name}.npy`)!, place(path, name));
  const part = (name: "train" | "test") => {
    const [x, y] = [place(path, `x_${name}`), place(path, `y_${name}`)];
    const images = imagesOf(array(`x_${name}`), x);
    const labels = labelsOf(array(`y_${name}`), y);
    if (images.count === labels.length) return { ...images, where: x, labels, path: y };
    throw new DataError(
      `Cannot use ${x}: it holds ${images.count} images, but y_${name} ${labels.length} labels`,
    );
  };
  const [train, test] = [part("train"), part("test")];
  if (train.shape.join() !== test.shape.join()) {
    throw new DataError(
      `Cannot use ${test.where}: its images are ${test.shape.join(" × ")}, and those of x_train ${
        train.shape.join(" × ")
      }`,
    );
  }
  const classes = numberedClasses(
    { path: train.path, values: train.labels },
    { path: test.path, values: test.labels },
  );
  return {
    shape: train.shape,
    classes: classes.classes,
    train: { images: train.pixels, labels: classes.train },
    test: { images: test.pixels, labels: classes.test },
  };
}

const place = (path: string, array: string) => `${path} (${array})`;

interface ImageArray {
  readonly shape: readonly [number, number, number];
  readonly count: number;
  readonly pixels: RawImages["images"];
}

function imagesOf(array: NpyArray, where: string): ImageArray {
  const { shape } = array;
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const text = `[${shape.join(", ")}]`;
  if (shape.length === 4 && channels !== 1 && channels !== 3 && (height === 1 || height === 3)) {
    throw new DataError(
      `Cannot use ${where}: its shape is ${text}, channels first; save np.transpose(x, (0, 2, 3, 1))`,
    );
  }
  if (![3, 4].includes(shape.length) || count === 0 || (channels !== 1 && channels !== 3)) {
    throw new DataError(
      `Cannot use ${where}: its shape is ${text}; expected [images, height, width], or with 1 or 3 channels behind`,
    );
  }
  checkSides(where, height, width);
  if (array.values.length > MOST_DATA_BYTES) {
    throw new DataError(
      `Cannot use ${where}: its images take ${array.values.length} bytes; at most ${MOST_DATA_BYTES}`,
    );
  }
  return { shape: [height, width, channels], count, pixels: pixelsOf(array, where) };
}

/** Bytes 0 … 255 of numbers. */
function pixelsOf({ dtype, values }: NpyArray, where: string): Uint8Array {
  if (values instanceof Uint8Array) return values;
  const [least, most] = extent(values);
  const isFloat = dtype === "<f4" || dtype === "<f8";
  if (!(least >= 0 && most <= 255)) {
    throw new DataError(
      `Cannot use ${where}: its values lie from ${least} to ${most}; expected 0 … 255${
        isFloat ? ", or 0 … 1" : ""
      }`,
    );
  }
  const scale = isFloat && most <= 1 ? 255 : 1;
  return Uint8Array.from(values, (value) => Math.round(value * scale));
}

/** The least and the largest; NaN where one is. */
function extent(values: Float32Array | Float64Array): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value)) return [NaN, NaN];
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function labelsOf({ shape, values }: NpyArray, where: string): NpyArray["values"] {
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return values;
  const text = `[${shape.join(", ")}]`;
  throw new DataError(
    `Cannot use ${where}: its shape is ${text}; expected [images]${
      shape.length === 2 ? "; of one-hot rows save np.argmax(y, axis=1)" : ""
    }`,
  );
}
