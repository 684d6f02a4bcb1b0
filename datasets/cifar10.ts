import { DataError, type DataFiles, type RawImages } from "./source.ts";

/** The official "binary version": records of a label byte and three planes (red, green, blue) of 32 × 32, no header. */
export const RECORD_BYTES = 3073;
/** Of the official files, which hold 10,000 records each. */
export const MOST_BATCH_BYTES = 10_000 * RECORD_BYTES;
export const CIFAR10_SHAPE = [32, 32, 3] as const;
/** By label, as `batches.meta.txt` lists them. */
export const CIFAR10_CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;
export const CIFAR10_FOLDER = "cifar-10-batches-bin";
export const TRAIN_FILES = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
export const TEST_FILE = "test_batch.bin";
/** The class names, a line each; not needed to load. */
export const META_FILE = "batches.meta.txt";

const PLANE = 32 * 32;
const GET = "get the whole data set with `deno task data get cifar-10`";

/**
 * Checks one batch file without reading pixels.
 *
 * @returns The number of records.
 * @throws {DataError} for a size that is no multiple of a record, or a label above 9, by file and record.
 */
export function checkBatch(bytes: Uint8Array, path: string): number {
  if (bytes.length === 0) throw new DataError(`Cannot use ${path}: the file is empty; ${GET}`);
  if (bytes.length % RECORD_BYTES !== 0) {
    const whole = Math.floor(bytes.length / RECORD_BYTES);
    throw new DataError(
      `Cannot use ${path}: its ${bytes.length} bytes are no multiple of ${RECORD_BYTES}, the size of a record ` +
        `(${whole} whole records and ${bytes.length % RECORD_BYTES} bytes more); ${GET}`,
    );
  }
  const count = bytes.length / RECORD_BYTES;
  for (let record = 0; record < count; record++) {
    const label = bytes[record * RECORD_BYTES]!;
    if (label >= CIFAR10_CLASSES.length) {
      throw new DataError(
        `Cannot use ${path}: record ${record} (counted from 0) has label ${label}; labels are 0 … 9; ${GET}`,
      );
    }
  }
  return count;
}

/** Appends the records of a checked batch to `into`, planes turned into `[height, width, channels]`. */
function decodeBatch(bytes: Uint8Array, into: RawImages, first: number): void {
  for (let record = 0; record * RECORD_BYTES < bytes.length; record++) {
    const from = record * RECORD_BYTES + 1;
    const to = (first + record) * 3 * PLANE;
    into.labels[first + record] = bytes[from - 1]!;
    for (let pixel = 0; pixel < PLANE; pixel++) {
      into.images[to + pixel * 3] = bytes[from + pixel]!;
      into.images[to + pixel * 3 + 1] = bytes[from + PLANE + pixel]!;
      into.images[to + pixel * 3 + 2] = bytes[from + 2 * PLANE + pixel]!;
    }
  }
}

/** The files of a split that are there: a subset may lack any training batch but not all, and not the test batch. */
export async function cifar10Files(
  folder: string,
  files: DataFiles,
): Promise<{ train: string[]; test: string }> {
  const names = await files.list(folder);
  const train = TRAIN_FILES.filter((name) => names.includes(name)).map((name) => `${folder}/${name}`);
  if (names.length === 0 || train.length === 0) {
    const missing = names.length === 0
      ? "there is no such folder, or it is empty"
      : "it has no data_batch_*.bin";
    throw new DataError(
      `Cannot load cifar-10 from ${folder}: ${missing}; at least one of ${TRAIN_FILES[0]} … ${
        TRAIN_FILES[4]
      } and ` +
        `${TEST_FILE} must be there; ${GET}, or name the folder that holds cifar-10/ with --data-dir`,
    );
  }
  if (!names.includes(TEST_FILE)) {
    throw new DataError(`Cannot load cifar-10 from ${folder}: ${TEST_FILE} is missing; ${GET}`);
  }
  return { train, test: `${folder}/${TEST_FILE}` };
}

/** Reads the records of some batch files, in the order of the files. @throws {DataError} as {@link checkBatch}. */
export async function readBatches(paths: readonly string[], files: DataFiles): Promise<RawImages> {
  const batches: Uint8Array[] = [];
  let count = 0;
  for (const path of paths) {
    const bytes = await files.read(path, MOST_BATCH_BYTES);
    count += checkBatch(bytes, path);
    batches.push(bytes);
  }
  const raw = { images: new Uint8Array(count * 3 * PLANE), labels: new Uint8Array(count) };
  let first = 0;
  for (const bytes of batches) {
    decodeBatch(bytes, raw, first);
    first += bytes.length / RECORD_BYTES;
  }
  return raw;
}

/** @throws {DataError} where `batches.meta.txt` lists other classes, or in another order. */
export function checkClassNames(bytes: Uint8Array, path: string): void {
  const names = new TextDecoder().decode(bytes).split(/\r?\n/).filter((line) => line !== "");
  if (names.join() !== CIFAR10_CLASSES.join()) {
    throw new DataError(
      `Cannot use ${path}: it lists ${JSON.stringify(names.join(", ").slice(0, 200))}; ` +
        `the classes of cifar-10 are ${CIFAR10_CLASSES.join(", ")}; ${GET}`,
    );
  }
}
