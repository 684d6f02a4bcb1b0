import { DataError, type DataFiles, type RawImages } from "./source.ts";

/** Pixels of a plane. */
const PLANE = 32 * 32;
const PIXEL_BYTES = 3 * PLANE;

/**
 * One of the official "binary versions": records of label bytes and three planes (red, green, blue) of 32 × 32, without a
 * header.
 */
export interface CifarFormat {
  /** Names by label, one list for each label byte of a record. */
  readonly labels: readonly { readonly name: string; readonly classes: readonly string[] }[];
  /** The way out, at the end of each message. */
  readonly help: string;
}

export const recordBytes = ({ labels }: CifarFormat): number => labels.length + PIXEL_BYTES;

/**
 * Checks a file of records without reading pixels.
 *
 * @returns The number of records.
 * @throws {DataError} for a size that is no multiple of a record, or a label out of range, by file and record.
 */
export function checkRecords(bytes: Uint8Array, path: string, format: CifarFormat): number {
  const { labels, help } = format;
  const size = recordBytes(format);
  if (bytes.length === 0) throw new DataError(`Cannot use ${path}: the file is empty; ${help}`);
  if (bytes.length % size !== 0) {
    const whole = Math.floor(bytes.length / size);
    throw new DataError(
      `Cannot use ${path}: its ${bytes.length} bytes are no multiple of ${size}, the size of a record ` +
        `(${whole} whole records and ${bytes.length % size} bytes more); ${help}`,
    );
  }
  const count = bytes.length / size;
  for (let record = 0; record < count; record++) {
    labels.forEach(({ name, classes }, at) => {
      const label = bytes[record * size + at]!;
      if (label < classes.length) return;
      throw new DataError(
        `Cannot use ${path}: record ${record} (counted from 0) has ${name} ${label}; ${name}s are 0 … ${
          classes.length - 1
        }; ${help}`,
      );
    });
  }
  return count;
}

/** The labels of checked records. @param at which of their label bytes. */
export function labelsOf(bytes: Uint8Array, format: CifarFormat, at: number): Uint8Array {
  const size = recordBytes(format);
  return Uint8Array.from({ length: bytes.length / size }, (_, record) => bytes[record * size + at]!);
}

/**
 * Reads the records of some files, in the order of the files, planes turned into `[height, width, channels]`.
 *
 * @param at which of a record's label bytes is the label.
 * @throws {DataError} as {@link checkRecords}.
 */
export async function readRecords(
  paths: readonly string[],
  format: CifarFormat,
  at: number,
  mostBytes: number,
  files: DataFiles,
): Promise<RawImages> {
  const batches: Uint8Array[] = [];
  let count = 0;
  for (const path of paths) {
    const bytes = await files.read(path, mostBytes);
    count += checkRecords(bytes, path, format);
    batches.push(bytes);
  }
  const raw = { images: new Uint8Array(count * PIXEL_BYTES), labels: new Uint8Array(count) };
  let first = 0;
  for (const bytes of batches) {
    const labels = labelsOf(bytes, format, at);
    raw.labels.set(labels, first);
    decodePixels(bytes, format, raw.images.subarray(first * PIXEL_BYTES));
    first += labels.length;
  }
  return raw;
}

function decodePixels(bytes: Uint8Array, format: CifarFormat, into: Uint8Array): void {
  const size = recordBytes(format);
  for (let record = 0; record * size < bytes.length; record++) {
    const from = record * size + format.labels.length;
    const to = record * PIXEL_BYTES;
    for (let pixel = 0; pixel < PLANE; pixel++) {
      into[to + pixel * 3] = bytes[from + pixel]!;
      into[to + pixel * 3 + 1] = bytes[from + PLANE + pixel]!;
      into[to + pixel * 3 + 2] = bytes[from + 2 * PLANE + pixel]!;
    }
  }
}

/** @throws {DataError} where a file of class names, a line each, lists other classes, or in another order. */
export function checkClassNames(
  bytes: Uint8Array,
  path: string,
  { dataset, classes, help }: { dataset: string; classes: readonly string[]; help: string },
): void {
  const names = new TextDecoder().decode(bytes).split(/\r?\n/).filter((line) => line !== "");
  if (names.join() !== classes.join()) {
    throw new DataError(
      `Cannot use ${path}: it lists ${JSON.stringify(names.join(", ").slice(0, 200))}; ` +
        `the classes of ${dataset} are ${classes.join(", ")}; ${help}`,
    );
  }
}
