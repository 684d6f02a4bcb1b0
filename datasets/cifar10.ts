import { type CifarFormat, recordBytes } from "./cifar_records.ts";
import { DataError, type DataFiles } from "./source.ts";

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

const GET = "get the whole data set with `deno task data get cifar-10`";

/** A record is a label byte and its pixels. */
export const CIFAR10: CifarFormat = { labels: [{ name: "label", classes: CIFAR10_CLASSES }], help: GET };
/** Of the official files, which hold 10,000 records each. */
export const MOST_BATCH_BYTES = 10_000 * recordBytes(CIFAR10);

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
