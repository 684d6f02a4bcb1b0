import { basename, dirname } from "node:path";
import { type Idx, readIdx } from "./idx.ts";
import { checkSides, type NumberedClasses, numberedClasses } from "./labels.ts";
import { DataError, type DataFiles, MOST_DATA_BYTES, type RawImages } from "./source.ts";

/** Images and labels of a set whose classes are numbers. */
export interface NumberedImages {
  readonly shape: readonly [number, number, number];
  readonly classes: NumberedClasses["classes"];
  readonly train: RawImages;
  readonly test: RawImages;
}

/** Names of the two parts, as MNIST (`t10k`) and EMNIST (`test`) have them. */
const PARTS = { train: ["train"], test: ["t10k", "test"] } as const;
const HELP =
  "expected images and labels in IDX, such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz";

/**
 * Reads four IDX files of grey images and labels (MNIST, KMNIST, EMNIST, Fashion-MNIST), compressed or not.
 *
 * @param path their folder; with the beginning of their names, where it holds several sets (`emnist/emnist-letters`).
 * @throws {DataError} for files that are missing, of another format, of different lengths or sizes, or with labels that
 * leave a gap.
 */
export async function readIdxPair(path: string, files: DataFiles): Promise<NumberedImages> {
  const [train, test] = [await readPart(path, "train", files), await readPart(path, "test", files)];
  const [height, width] = sizeOf(train.images);
  checkSides(train.images.path, height, width);
  if (sizeOf(test.images).join() !== [height, width].join()) {
    throw new DataError(
      `Cannot use ${test.images.path}: its images have ${
        sizeOf(test.images).join(" × ")
      } pixels, and those of ` +
        `${train.images.path} ${height} × ${width}`,
    );
  }
  const classes = numberedClasses(labelsOf(train), labelsOf(test));
  return {
    shape: [height, width, 1],
    classes: classes.classes,
    train: { images: train.images.body, labels: classes.train },
    test: { images: test.images.body, labels: classes.test },
  };
}

interface Part {
  readonly images: Idx;
  readonly labels: Idx;
}

const sizeOf = ({ shape }: Idx) => [shape[1]!, shape[2]!] as const;
const labelsOf = ({ labels }: Part) => ({ path: labels.path, values: labels.body });

async function readPart(path: string, part: keyof typeof PARTS, files: DataFiles): Promise<Part> {
  const isFolder = (await files.stat(path))?.isDirectory === true;
  const place = isFolder ? { folder: path, prefix: "" } : { folder: dirname(path), prefix: basename(path) };
  const names = await files.list(place.folder);
  const images = await readIdx(
    chooseFile({ ...place, names }, part, "images"),
    { dimensions: 3, mostBytes: MOST_DATA_BYTES, help: HELP },
    files,
  );
  const count = images.shape[0]!;
  // As many labels as images: the file of labels cannot unpack to more.
  const labels = await readIdx(
    chooseFile({ ...place, names }, part, "labels"),
    { dimensions: 1, mostBytes: count, help: `${images.path} holds ${count} images` },
    files,
  );
  if (labels.shape[0] !== count) {
    throw new DataError(
      `Cannot use ${images.path}: it holds ${count} images, but ${labels.path} holds ${
        labels.shape[0]
      } labels`,
    );
  }
  return { images, labels };
}

interface Place {
  readonly folder: string;
  readonly prefix: string;
  readonly names: readonly string[];
}

/** The one file of a kind. @throws {DataError} where there is none, or there are several sets. */
function chooseFile(
  { folder, prefix, names }: Place,
  part: keyof typeof PARTS,
  kind: "images" | "labels",
): string {
  const dimensions = kind === "images" ? 3 : 1;
  const pattern = new RegExp(`(^|[-_])(${PARTS[part].join("|")})-${kind}[-.]idx${dimensions}-ubyte(\\.gz)?$`);
  const found = names.filter((name) => name.startsWith(prefix) && pattern.test(name));
  // A file beside its compressed self is one file.
  const stems = [...new Set(found.map((name) => name.replace(/\.gz$/, "")))];
  if (stems.length === 1) return `${folder}/${found.find((name) => name === stems[0]) ?? found[0]!}`;
  const wanted = `*${PARTS[part].join(" or *")}-${kind}-idx${dimensions}-ubyte, with or without .gz`;
  if (stems.length === 0) {
    const where = prefix === "" ? folder : `${folder} with names that begin with ${prefix}`;
    throw new DataError(`Cannot load idx from ${where}: there is no file ${wanted}; ${HELP}`);
  }
  throw new DataError(
    `Cannot load idx from ${folder}: it holds ${
      stems.join(", ")
    }; choose one set by the beginning of its names, such ` +
      `as ${folder}/${stems[0]!.replace(pattern, "")}`,
  );
}
