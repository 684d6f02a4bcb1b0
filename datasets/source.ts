import type { Colour } from "./images/pixels.ts";

/** Keys of a request that only some data sets have; the catalogue says which. */
export interface OwnKeys {
  /** A file or folder of one's own. */
  readonly path?: string;
  /** Height and width of the images in pixels. */
  readonly size?: number;
  readonly colour?: Colour;
  readonly labels?: "fine" | "coarse";
  /** Tokens in a window of text. */
  readonly context?: number;
}

/** The request of `loadDataset`. */
export interface DataRequest extends OwnKeys {
  readonly name: string;
  /** Images, or windows of text, of each split; `null` takes the data set's default, which the catalogue states. */
  readonly train: number | null;
  readonly validation: number | null;
  readonly test: number | null;
  /** Of the split and of the generator; runs have seeds of their own. {@link DATA_SEED} unless someone chose. */
  readonly seed: number;
  /** The folder that holds one folder per data set; `null` is {@link DEFAULT_DATA_DIR}. */
  readonly dataDir: string | null;
}

export const DATA_SEED = 0;
export const DEFAULT_DATA_DIR = "data";

/** The files a loader may ask for, so that loading can be tested, and run, anywhere. */
export interface DataFiles {
  /** @throws {DataError} where the file cannot be read, or has more than `most` bytes: nothing of it is read then. */
  read(path: string, most: number): Promise<Uint8Array>;
  /** Of what a link leads to; `null` where nothing has this name. */
  stat(
    path: string,
  ): Promise<{ readonly size: number; readonly isFile: boolean; readonly isDirectory: boolean } | null>;
  /** Names in a folder, sorted; empty where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** Most bytes of all images of a data set, once they are decoded: 1 GiB. */
export const MOST_DATA_BYTES = 2 ** 30;
/** Labels are bytes. */
export const MOST_CLASSES = 256;

/** Data that is missing, short or wrong. The message names the file, the fault, the allowed values and the way out. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Images as the files give them, before anything is chosen: bytes `[count, height, width, channels]`. */
export interface RawImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Real images shrink to a hundredth at best; what shrinks further, and is large, was made to fill the memory. */
const MOST_RATIO = 200;
const SMALL_BYTES = 64 * 2 ** 20;

/**
 * Refuses what would unpack to far more than any images do, before it is unpacked.
 *
 * @param what the file, and what of it.
 * @throws {DataError} for more than 64 MiB from less than a two-hundredth of it.
 */
export function checkRatio(what: string, packedBytes: number, unpackedBytes: number): void {
  if (unpackedBytes <= SMALL_BYTES || unpackedBytes <= MOST_RATIO * packedBytes) return;
  throw new DataError(
    `Cannot use ${what}: ${packedBytes} bytes would unpack to ${unpackedBytes}; at most ${MOST_RATIO} times as many ` +
      "are unpacked",
  );
}

/** A sensible refusal of a count; `null` passes. @throws {RangeError} */
export function checkCount(what: string, count: number | null): void {
  if (count !== null && !(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`Cannot take ${count} ${what} images: the number must be whole and at least 1`);
  }
}
