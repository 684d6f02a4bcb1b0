import { permutation, random } from "#lib/prng.ts";
import type { PixelSet, Split } from "#train/data.ts";
import { DataError, type DataRequest, type RawImages } from "./source.ts";

/**
 * An order of all images in which every beginning holds each class in proportion: image k of n_c of a class (in a
 * seeded order of its own) stands at (k + ½) / n_c. So a beginning of 1,000 of ten equal classes holds 100 of each.
 */
export function stratifiedOrder(
  labels: Uint8Array,
  classes: number,
  seed: number,
  purpose: string,
): Uint32Array {
  const members: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, image) => members[label]!.push(image));
  const rank = new Float64Array(labels.length);
  members.forEach((images, label) => {
    const source = random(seed, purpose, label);
    permutation(images.length, source).forEach((from, to) =>
      rank[images[from]!] = (to + 0.5) / images.length
    );
  });
  // Equal ranks (the same place in different classes) are put in a seeded order as well.
  const tie = permutation(labels.length, random(seed, purpose, "ties"));
  return Uint32Array.from(labels.keys()).sort((a, b) => rank[a]! - rank[b]! || tie[a]! - tie[b]!);
}

/** The sizes of train and validation that a pool of images allows. */
export interface SplitSizes {
  readonly train: number;
  readonly validation: number;
}

/**
 * Sizes from a request: validation is a tenth of the pool unless asked for, train is what validation leaves.
 *
 * @throws {DataError} where the pool is too small; the message says what there is.
 */
export function splitSizes(
  pool: number,
  { train, validation }: { readonly train: number | null; readonly validation: number | null },
  where: string,
): SplitSizes {
  const held = validation ?? Math.max(1, Math.floor(pool / 10));
  const taken = train ?? pool - held;
  if (taken < 1 || taken + held > pool) {
    const asked = `${train ?? "the rest as"} training and ${held} validation images`;
    throw new DataError(
      `Cannot take ${asked} from ${where}: it holds ${pool} training images, and validation is held out of them` +
        `${validation === null ? " (a tenth unless `validation` says otherwise)" : ""}. Ask for fewer`,
    );
  }
  return { train: taken, validation: held };
}

/**
 * Chooses the splits from images read from files, each class in proportion.
 *
 * @throws {DataError} for more images than there are.
 */
export function chooseSplits(
  { train: pool, test }: { readonly train: RawImages; readonly test: RawImages },
  request: Pick<DataRequest, Split | "seed">,
  classes: number,
  where: string,
): Readonly<Record<Split, PixelSet>> {
  const sizes = splitSizes(pool.labels.length, request, where);
  const testCount = request.test ?? test.labels.length;
  if (testCount > test.labels.length) {
    throw new DataError(
      `Cannot take ${testCount} test images from ${where}: it holds ${test.labels.length}. Ask for fewer`,
    );
  }
  // Validation comes first, so that asking for more or fewer training images leaves it as it is.
  const order = stratifiedOrder(pool.labels, classes, request.seed, "train");
  const testOrder = stratifiedOrder(test.labels, classes, request.seed, "test");
  return {
    train: gather(pool, order.subarray(sizes.validation, sizes.validation + sizes.train)),
    validation: gather(pool, order.subarray(0, sizes.validation)),
    test: gather(test, testOrder.subarray(0, testCount)),
  };
}

/** Copies the chosen images onto shared memory, so that workers read them without copies of their own. */
export function gather(from: RawImages, chosen: Uint32Array): PixelSet {
  const size = from.images.length / from.labels.length;
  const set = sharedSet(chosen.length, size);
  chosen.forEach((image, place) => {
    set.images.set(from.images.subarray(image * size, (image + 1) * size), place * size);
    set.labels[place] = from.labels[image]!;
  });
  return set;
}

/** An empty set of `count` images of `size` bytes, with `labels` bytes of labels each, on shared memory. */
export function sharedSet(count: number, size: number, labels = 1): PixelSet {
  return {
    images: new Uint8Array(new SharedArrayBuffer(count * size)),
    labels: new Uint8Array(new SharedArrayBuffer(count * labels)),
    count,
  };
}
