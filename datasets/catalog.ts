import { suggest } from "#lib/nearest.ts";
import type { LabelUnit, PixelSet, Split, TrainingData } from "#train/data.ts";
import { assemble, type Splits } from "./assemble.ts";
import { CIFAR10, CIFAR10_CLASSES, CIFAR10_SHAPE, cifar10Files, MOST_BATCH_BYTES } from "./cifar10.ts";
import {
  CIFAR100,
  CIFAR100_LABELS,
  CIFAR100_SHAPE,
  cifar100Files,
  LABEL_BYTES,
  MOST_CIFAR100_BYTES,
} from "./cifar100.ts";
import { readRecords } from "./cifar_records.ts";
import { FASHION_CLASSES, FASHION_SHAPE, readFashion } from "./fashion_mnist.ts";
import { type NumberedImages, readIdxPair } from "./idx_pair.ts";
import { inspectImages } from "./images/inspect.ts";
import { readImages } from "./images/read.ts";
import { datasetFolder } from "./inspect.ts";
import { REMOTE_NAMES } from "./manifest.ts";
import { inspectMasks } from "./masks/inspect.ts";
import { readMasks, splitPairs } from "./masks/read.ts";
import { meantFolder, misplaced } from "./misplaced.ts";
import { readNpz } from "./npz/npz.ts";
import { inspectNumbered, type OwnInspection } from "./own_inspection.ts";
import { checkKeys, type KeysOf } from "./own_keys.ts";
import type { Difficulty } from "./shapes/draw.ts";
import {
  drawMasks,
  LARGE_MASK_DIFFICULTY,
  MASK_DIFFICULTY,
  maskClasses,
  type MaskDifficulty,
  MASKS_DEFAULTS,
  masksShape,
  SMALL_MASK_DIFFICULTY,
} from "./shapes/masks.ts";
import {
  DIFFICULTY,
  drawShapes,
  SHAPES_CLASSES,
  SHAPES_DEFAULTS,
  shapesShape,
  SMALL_DIFFICULTY,
} from "./shapes/shapes.ts";
import {
  checkCount,
  DataError,
  type DataFiles,
  type DataRequest,
  DEFAULT_DATA_DIR,
  type RawImages,
} from "./source.ts";
import { chooseSplits, splitSizes } from "./split.ts";
import { drawWindows, GRAMMAR_DEFAULTS, grammarFacts } from "./text/draw.ts";
import { GRAMMAR_CHARACTERS } from "./text/grammar.ts";
import { inspectText } from "./text/inspect.ts";
import { readText } from "./text/read.ts";

type Read = Omit<Splits, "name" | "labelUnit">;

interface DatasetEntry {
  readonly doc: string;
  /** Drawn by the lab, downloaded by `data get`, or read from files of one's own. */
  readonly source: "drawn" | "downloaded" | "own";
  /** Keys of a request beside the number of images. */
  readonly keys: KeysOf;
  /** Absent: each image has a label. */
  readonly labelUnit?: LabelUnit;
  /** Training images of a request, for planning; without reading the images, where that can be known. */
  trainCount(request: DataRequest, files: DataFiles): number | Promise<number>;
  read(request: DataRequest, files: DataFiles): Promise<Read>;
  /** Of files of one's own: what they hold, and what is wrong with each. */
  readonly inspect?: (path: string, files: DataFiles) => Promise<OwnInspection>;
}

const NO_KEYS: KeysOf = { required: [], optional: [] };
const PATH: KeysOf = { required: ["path"], optional: [] };

/** Of a data set that is downloaded: what validation leaves of the official number of training images. */
const heldOut = (pool: number): DatasetEntry["trainCount"] => (request) =>
  splitSizes(pool, request, "the data set").train;

const drawn = (doc: string, difficulty: Difficulty): DatasetEntry => ({
  doc,
  source: "drawn",
  keys: NO_KEYS,
  trainCount: ({ train }) => train ?? SHAPES_DEFAULTS.train,
  read: (request) => {
    const draw = (split: Split): PixelSet =>
      drawShapes(split, request[split] ?? SHAPES_DEFAULTS[split], request.seed, difficulty);
    const splits = { train: draw("train"), validation: draw("validation"), test: draw("test") };
    return Promise.resolve({ shape: shapesShape(difficulty), classes: SHAPES_CLASSES, ...splits });
  },
});

interface OwnFiles {
  readonly shape: Splits["shape"];
  readonly classes: readonly string[];
  readonly train: RawImages;
  readonly test: RawImages;
}

/** A data set of files of one's own; `path` says where. */
function own(
  doc: string,
  keys: KeysOf,
  readFiles: (path: string, request: DataRequest, files: DataFiles) => Promise<OwnFiles>,
  inspect: NonNullable<DatasetEntry["inspect"]>,
): DatasetEntry {
  const read = async (request: DataRequest, files: DataFiles): Promise<Read> => {
    const path = request.path!;
    const { shape, classes, ...images } = await readFiles(path, request, files);
    return { shape, classes, ...chooseSplits(images, request, classes.length, path) };
  };
  return {
    doc,
    source: "own",
    keys,
    trainCount: async (request, files) => (await read(request, files)).train.count,
    read,
    inspect,
  };
}

const numbered = (
  doc: string,
  readFiles: (path: string, files: DataFiles) => Promise<NumberedImages>,
): DatasetEntry =>
  own(
    doc,
    PATH,
    (path, _request, files) => readFiles(path, files),
    (path, files) => inspectNumbered(() => readFiles(path, files)),
  );

/** Of images where a spec does not say otherwise. */
const IMAGES_DEFAULTS = { size: 32, colour: "rgb" } as const;

const drawnMasks = (doc: string, difficulty: MaskDifficulty): DatasetEntry => ({
  doc,
  source: "drawn",
  keys: NO_KEYS,
  labelUnit: "pixel",
  trainCount: ({ train }) => train ?? MASKS_DEFAULTS.train,
  read: (request) => {
    const draw = (split: Split): PixelSet =>
      drawMasks(split, request[split] ?? MASKS_DEFAULTS[split], request.seed, difficulty);
    const splits = { train: draw("train"), validation: draw("validation"), test: draw("test") };
    return Promise.resolve({
      shape: masksShape(difficulty),
      classes: maskClasses(difficulty),
      ...splits,
    });
  },
});

/** A folder of one's own of images and masks. */
const ownMasks: DatasetEntry = {
  doc: "your own: a folder (`path`) of `images` and `masks`, PNG files of the same names",
  source: "own",
  keys: { required: ["path"], optional: ["size", "colour"] },
  labelUnit: "pixel",
  trainCount: async (request, files) => (await ownMasks.read(request, files)).train.count,
  read: async (request, files) => {
    const { size, colour } = { ...IMAGES_DEFAULTS, ...request };
    const read = await readMasks({ path: request.path!, size, colour }, files);
    return {
      shape: [size, size, colour === "rgb" ? 3 : 1],
      classes: read.classes,
      ...splitPairs(read, request),
    };
  },
  inspect: inspectMasks,
};

/** Tokens in a window of text where a spec does not say otherwise. */
const CONTEXT = 64;
/** A window of text as an image of one column. */
const windowShape = (context: number) => [context, 1, 1] as const;

const drawnText: DatasetEntry = {
  doc: "lines by a grammar of the lab's own, whose entropy is known exactly; no download",
  source: "drawn",
  keys: { required: [], optional: ["context"], defaults: { context: CONTEXT } },
  labelUnit: "token",
  trainCount: ({ train }) => train ?? GRAMMAR_DEFAULTS.train,
  read: (request) => {
    const { context = CONTEXT, seed } = request;
    const draw = (split: Split): PixelSet =>
      drawWindows(split, request[split] ?? GRAMMAR_DEFAULTS[split], context, seed);
    return Promise.resolve({
      shape: windowShape(context),
      classes: GRAMMAR_CHARACTERS,
      text: grammarFacts(context),
      train: draw("train"),
      validation: draw("validation"),
      test: draw("test"),
    });
  },
};

/** Text of one's own. */
const ownText: DatasetEntry = {
  doc: "your own: a file of UTF-8 text, or a folder of them (`path`); the next character is predicted",
  source: "own",
  keys: { required: ["path"], optional: ["context"], defaults: { context: CONTEXT } },
  labelUnit: "token",
  trainCount: async (request, files) => (await ownText.read(request, files)).train.count,
  read: async (request, files) => {
    const { context = CONTEXT } = request;
    const read = await readText({ ...request, path: request.path!, context }, files);
    return { shape: windowShape(context), ...read };
  },
  inspect: inspectText,
};

/** Every data set that a spec can name. A new one is one entry. */
export const DATASETS: Readonly<Record<string, DatasetEntry>> = {
  "shapes": drawn("ten kinds of figure, drawn by the lab itself; no download", DIFFICULTY),
  "shapes-16": drawn("the same figures on 16×16 pixels, for runs of a third of a second", SMALL_DIFFICULTY),
  "shapes-masks": drawnMasks(
    "discs, rings, crosses and stars on textured ground, with the class of every pixel; no download",
    MASK_DIFFICULTY,
  ),
  "shapes-masks-16": drawnMasks(
    "discs and crosses on 16×16 pixels, for runs of half a second",
    SMALL_MASK_DIFFICULTY,
  ),
  "shapes-masks-64": drawnMasks("the same on 64×64 pixels, with more figures", LARGE_MASK_DIFFICULTY),
  "cifar-10": {
    doc: "60,000 photographs of ten kinds of things, official binary version; the whole or a subset",
    source: "downloaded",
    keys: NO_KEYS,
    trainCount: heldOut(50_000),
    read: async (request, files) => {
      const folder = datasetFolder("cifar-10", request.dataDir ?? DEFAULT_DATA_DIR);
      const paths = await cifar10Files(folder, files);
      const images = {
        train: await readRecords(paths.train, CIFAR10, 0, MOST_BATCH_BYTES, files),
        test: await readRecords([paths.test], CIFAR10, 0, MOST_BATCH_BYTES, files),
      };
      const splits = chooseSplits(images, request, CIFAR10_CLASSES.length, folder);
      return { shape: CIFAR10_SHAPE, classes: CIFAR10_CLASSES, ...splits };
    },
  },
  "cifar-100": {
    doc:
      "60,000 photographs of a hundred kinds of things, or of twenty (`labels: coarse`), official binary version",
    source: "downloaded",
    keys: { required: [], optional: ["labels"] },
    trainCount: heldOut(50_000),
    read: async (request, files) => {
      const folder = datasetFolder("cifar-100", request.dataDir ?? DEFAULT_DATA_DIR);
      const kind = request.labels ?? "fine";
      const { classes } = CIFAR100_LABELS[kind];
      const paths = await cifar100Files(folder, files);
      const read = (path: string) =>
        readRecords([path], CIFAR100, LABEL_BYTES.indexOf(kind), MOST_CIFAR100_BYTES, files);
      const images = { train: await read(paths.train), test: await read(paths.test) };
      return { shape: CIFAR100_SHAPE, classes, ...chooseSplits(images, request, classes.length, folder) };
    },
  },
  "fashion-mnist": {
    doc: "70,000 grey pictures of ten kinds of clothing, official IDX files",
    source: "downloaded",
    keys: NO_KEYS,
    trainCount: heldOut(60_000),
    read: async (request, files) => {
      const folder = datasetFolder("fashion-mnist", request.dataDir ?? DEFAULT_DATA_DIR);
      const images = {
        train: await readFashion(folder, "train", files),
        test: await readFashion(folder, "t10k", files),
      };
      const splits = chooseSplits(images, request, FASHION_CLASSES.length, folder);
      return { shape: FASHION_SHAPE, classes: FASHION_CLASSES, ...splits };
    },
  },
  "images": own(
    "your own: a folder (`path`) with a folder of PNG and JPEG files for each class",
    { required: ["path"], optional: ["size", "colour"] },
    async (path, request, files) => {
      const { size, colour } = { ...IMAGES_DEFAULTS, ...request };
      const read = await readImages({ path, size, colour }, files);
      return { shape: [size, size, colour === "rgb" ? 3 : 1], ...read };
    },
    inspectImages,
  ),
  "image-masks": ownMasks,
  "npz": numbered("your own: a .npz file (`path`) with x_train, y_train, x_test and y_test", readNpz),
  "idx": numbered(
    "your own: images and labels in IDX (`path`), as MNIST, KMNIST and EMNIST come",
    readIdxPair,
  ),
  "grammar": drawnText,
  "text": ownText,
};

export const DATASET_NAMES: readonly string[] = Object.keys(DATASETS);

/** Names of the data sets, and the keys that each takes in a spec: what a spec is checked by. */
export const DATASET_VOCABULARY = {
  datasets: DATASET_NAMES,
  datasetKeys: Object.fromEntries(Object.entries(DATASETS).map(([name, { keys }]) => [name, keys])),
  labelUnits: Object.fromEntries(
    Object.entries(DATASETS).map(([name, { labelUnit = "image" }]) => [name, labelUnit]),
  ),
};

/**
 * Loads and splits a data set. Images and labels lie on shared memory.
 *
 * The same request gives the same bytes in the same order on every machine. Validation images are held out of the
 * training images; test images come from the test file alone.
 *
 * @throws {RangeError} for an unknown name (the nearest one is offered), a key that it lacks or does not have, or a count
 * that is not whole and positive.
 * @throws {DataError} for files that are missing, short or wrong, and for more images than there are.
 */
export async function loadDataset(request: DataRequest, files: DataFiles): Promise<TrainingData> {
  const { name } = request;
  const entry = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (!entry) {
    throw new RangeError(`Unknown data set ${JSON.stringify(name)}: ${suggest(name, DATASET_NAMES)}`);
  }
  checkKeys(request, entry.keys);
  checkCount("training", request.train);
  checkCount("validation", request.validation);
  checkCount("test", request.test);
  const read = await entry.read(request, files).catch((error) => explained(error, request, files));
  return assemble({ name, labelUnit: entry.labelUnit ?? "image", ...read });
}

/** A failure, with the folder that `--data-dir` should have named, where there is one. */
async function explained(error: unknown, { name, dataDir }: DataRequest, files: DataFiles): Promise<never> {
  const remote = REMOTE_NAMES.find((each) => each === name);
  const meant = error instanceof DataError && remote !== undefined && dataDir !== null
    ? await meantFolder(remote, dataDir, files)
    : null;
  throw meant === null ? error : misplaced(name, dataDir!, meant);
}
