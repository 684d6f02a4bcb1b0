import { suggest } from "#lib/nearest.ts";
import type { Split, TrainingData } from "#train/data.ts";
import { assemble, type Splits } from "./assemble.ts";
import { CIFAR10_CLASSES, CIFAR10_FOLDER, CIFAR10_SHAPE, cifar10Files, readBatches } from "./cifar10.ts";
import { FASHION_CLASSES, FASHION_SHAPE, readFashion } from "./fashion_mnist.ts";
import type { Difficulty } from "./shapes/draw.ts";
import {
  DIFFICULTY,
  drawShapes,
  SHAPES_CLASSES,
  SHAPES_DEFAULTS,
  shapesShape,
  SMALL_DIFFICULTY,
} from "./shapes/shapes.ts";
import { REMOTE_NAMES } from "./manifest.ts";
import { meantFolder, misplaced } from "./misplaced.ts";
import {
  checkCount,
  DataError,
  type DataFiles,
  type DataRequest,
  DEFAULT_DATA_DIR,
  type RawImages,
} from "./source.ts";
import { gather, splitSizes, stratifiedOrder } from "./split.ts";

interface DatasetEntry {
  readonly doc: string;
  /** True for a data set that the lab draws itself; false for one that is read from files. */
  readonly builtIn: boolean;
  readonly shape: TrainingData["shape"];
  readonly classes: readonly string[];
  /** Training images of a request, for planning without the images themselves. */
  trainCount(request: Pick<DataRequest, "train" | "validation">): number;
  splits(request: DataRequest, files: DataFiles): Promise<Pick<Splits, Split>>;
}

/** Of a data set that is read from files: what validation leaves of the official number of training images. */
const heldOut = (pool: number): DatasetEntry["trainCount"] => (request) =>
  splitSizes(pool, request, "the data set").train;

const drawn = (doc: string, difficulty: Difficulty): DatasetEntry => ({
  doc,
  builtIn: true,
  shape: shapesShape(difficulty),
  classes: SHAPES_CLASSES,
  trainCount: ({ train }) => train ?? SHAPES_DEFAULTS.train,
  splits: ({ train, validation, test, seed }) => {
    const draw = (split: Split, count: number | null) =>
      drawShapes(split, count ?? SHAPES_DEFAULTS[split], seed, difficulty);
    return Promise.resolve({
      train: draw("train", train),
      validation: draw("validation", validation),
      test: draw("test", test),
    });
  },
});

/** Every data set that a spec can name. A new one is one entry. */
export const DATASETS: Readonly<Record<string, DatasetEntry>> = {
  "shapes": drawn("ten kinds of figure, drawn by the lab itself; no download", DIFFICULTY),
  "shapes-16": drawn("the same figures on 16×16 pixels, for runs of a third of a second", SMALL_DIFFICULTY),
  "cifar-10": {
    doc: "60,000 photographs of ten kinds of things, official binary version; the whole or a subset",
    builtIn: false,
    shape: CIFAR10_SHAPE,
    classes: CIFAR10_CLASSES,
    trainCount: heldOut(50_000),
    splits: async (request, files) => {
      const folder = `${request.dataDir ?? DEFAULT_DATA_DIR}/cifar-10/${CIFAR10_FOLDER}`;
      const paths = await cifar10Files(folder, files);
      const pool = await readBatches(paths.train, files);
      const test = await readBatches([paths.test], files);
      return chooseSplits(pool, test, request, CIFAR10_CLASSES.length, folder);
    },
  },
  "fashion-mnist": {
    doc: "70,000 grey pictures of ten kinds of clothing, official IDX files",
    builtIn: false,
    shape: FASHION_SHAPE,
    classes: FASHION_CLASSES,
    trainCount: heldOut(60_000),
    splits: async (request, files) => {
      const folder = `${request.dataDir ?? DEFAULT_DATA_DIR}/fashion-mnist`;
      const pool = await readFashion(folder, "train", files);
      const test = await readFashion(folder, "t10k", files);
      return chooseSplits(pool, test, request, FASHION_CLASSES.length, folder);
    },
  },
};

export const DATASET_NAMES: readonly string[] = Object.keys(DATASETS);

/**
 * Loads and splits a data set. Images and labels lie on shared memory.
 *
 * The same request gives the same bytes in the same order on every machine. Validation images are held out of the
 * training images; test images come from the test file alone.
 *
 * @throws {RangeError} for an unknown name (the nearest one is offered) or a count that is not whole and positive.
 * @throws {DataError} for files that are missing, short or wrong, and for more images than there are.
 */
export async function loadDataset(request: DataRequest, files: DataFiles): Promise<TrainingData> {
  const { name } = request;
  const entry = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (!entry) {
    throw new RangeError(`Unknown data set ${JSON.stringify(name)}: ${suggest(name, DATASET_NAMES)}`);
  }
  checkCount("training", request.train);
  checkCount("validation", request.validation);
  checkCount("test", request.test);
  const splits = await entry.splits(request, files).catch((error) => explained(error, request, files));
  return assemble({ name, shape: entry.shape, classes: entry.classes, ...splits });
}

/** A failure, with the folder that `--data-dir` should have named, where there is one. */
async function explained(error: unknown, { name, dataDir }: DataRequest, files: DataFiles): Promise<never> {
  const remote = REMOTE_NAMES.find((each) => each === name);
  const meant = error instanceof DataError && remote !== undefined && dataDir !== null
    ? await meantFolder(remote, dataDir, files)
    : null;
  throw meant === null ? error : misplaced(name, dataDir!, meant);
}

/** Chooses the splits from images read from files, each class in proportion. */
function chooseSplits(
  pool: RawImages,
  test: RawImages,
  request: DataRequest,
  classes: number,
  where: string,
): Pick<Splits, Split> {
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
