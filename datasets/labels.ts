import { DataError, MOST_CLASSES } from "./source.ts";

/** Labels as their file has them, with the file's name for messages. */
export interface FileLabels {
  readonly path: string;
  readonly values: ArrayLike<number>;
}

export interface NumberedClasses {
  /** The labels as texts: `0`, `1`, … or from `1` on. */
  readonly classes: readonly string[];
  /** Class numbers from 0 on. */
  readonly train: Uint8Array;
  readonly test: Uint8Array;
}

/**
 * The classes of labels that are plain numbers. Training labels run from 0 or 1 on without a gap (EMNIST's letters begin
 * at 1), and test labels are among them.
 *
 * @throws {DataError} for others; the message names the file and the first record that has one.
 */
export function numberedClasses(train: FileLabels, test: FileLabels): NumberedClasses {
  const seen = new Set(Array.from(train.values));
  const first = seen.has(0) ? 0 : 1;
  let end = first;
  while (seen.has(end)) end++;
  const allowed = `labels are ${first} … ${end - 1}`;
  const check = ({ path, values }: FileLabels) => {
    const record = Array.from(values).findIndex((label) =>
      !(Number.isInteger(label) && label >= first && label < end)
    );
    if (record < 0) return;
    const label = values[record];
    const why = end === first ? "the training labels have to begin at 0 or 1" : `${allowed}, without a gap`;
    throw new DataError(`Cannot use ${path}: record ${record} (counted from 0) has label ${label}; ${why}`);
  };
  check(train);
  check(test);
  const count = end - first;
  if (count < 2 || count > MOST_CLASSES) {
    throw new DataError(
      `Cannot use ${train.path}: it has ${count} classes; allowed are 2 to ${MOST_CLASSES}`,
    );
  }
  const shifted = ({ values }: FileLabels) => Uint8Array.from(values, (label) => label - first);
  return {
    classes: Array.from({ length: count }, (_, index) => String(first + index)),
    train: shifted(train),
    test: shifted(test),
  };
}

/** Least and most pixels of an image's side. */
export const SIDES = [4, 512] as const;

/** @throws {DataError} for images that no network here can take. */
export function checkSides(path: string, height: number, width: number): void {
  if ([height, width].every((side) => side >= SIDES[0] && side <= SIDES[1])) return;
  throw new DataError(
    `Cannot use ${path}: its images have ${height} × ${width} pixels; a side has ${SIDES[0]} to ${SIDES[1]}`,
  );
}
