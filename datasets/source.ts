/** The request of `loadDataset`. */
export interface DataRequest {
  readonly name: string;
  /** Images of each split; `null` takes the data set's default, which the catalogue states. */
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
  /** `null` where nothing has this name. */
  stat(path: string): Promise<{ readonly size: number; readonly isFile: boolean } | null>;
  /** Names in a folder, sorted; empty where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** Data that is missing, short or wrong. The message names the file, the fault, the allowed values and the way out. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Images as the files give them, before anything is chosen: bytes `[count, height, width, channels]`. */
export interface RawImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** A sensible refusal of a count; `null` passes. @throws {RangeError} */
export function checkCount(what: string, count: number | null): void {
  if (count !== null && !(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`Cannot take ${count} ${what} images: the number must be whole and at least 1`);
  }
}
