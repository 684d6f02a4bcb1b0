import { createHash } from "node:crypto";
import {
  CIFAR10,
  CIFAR10_CLASSES,
  CIFAR10_FOLDER,
  cifar10Files,
  META_FILE,
  MOST_BATCH_BYTES,
} from "./cifar10.ts";
import {
  CIFAR100,
  CIFAR100_FOLDER,
  CIFAR100_LABELS,
  cifar100Files,
  LABEL_BYTES,
  MOST_CIFAR100_BYTES,
} from "./cifar100.ts";
import { checkClassNames, checkRecords, labelsOf } from "./cifar_records.ts";
import { FASHION_CLASSES, readFashion } from "./fashion_mnist.ts";
import type { RemoteName } from "./manifest.ts";
import { assertNever } from "#lib/assert_never.ts";
import { DataError, type DataFiles } from "./source.ts";

/** The state of a data set in a data folder. */
export type Inspection =
  | { readonly kind: "missing"; readonly folder: string }
  | { readonly kind: "broken"; readonly folder: string; readonly problem: string }
  | {
    readonly kind: "intact";
    readonly folder: string;
    /** True where it has as many images as the official set. */
    readonly whole: boolean;
    /** `match` where the files have the digests noted when they were unpacked; `null` where none were noted. */
    readonly digests: "match" | null;
    readonly files: readonly InspectedFile[];
    /** By label. */
    readonly classes: readonly string[];
  };

export interface InspectedFile {
  readonly name: string;
  readonly images: number;
  /** Images by label. */
  readonly perClass: readonly number[];
}

/** The largest file of any data set here. */
export const MOST_REMOTE_BYTES = Math.max(MOST_BATCH_BYTES, MOST_CIFAR100_BYTES);
/** Of a list of names or digests. */
const MOST_LIST_BYTES = 100_000;

/** Digests of the files beside them, in the format of `sha256sum`; written when an archive is unpacked. */
export const DIGESTS_FILE = "SHA256SUMS";

/** The folder inside of a data set's own; archives bring one. */
const INNER: Readonly<Record<RemoteName, string>> = {
  "cifar-10": `/${CIFAR10_FOLDER}`,
  "cifar-100": `/${CIFAR100_FOLDER}`,
  "fashion-mnist": "",
};

/** The folder of a data set's files. */
export function datasetFolder(name: RemoteName, dataDir: string): string {
  return `${dataDir}/${name}${INNER[name]}`;
}

/** Reads and checks every file of a data set in its own folder (see {@link datasetFolder}). */
export async function inspect(name: RemoteName, folder: string, files: DataFiles): Promise<Inspection> {
  if ((await files.list(folder)).length === 0) return { kind: "missing", folder };
  try {
    const { inspected, whole, classes } = await inspectFiles(name, folder, files);
    const digests = await checkDigests(folder, files);
    return { kind: "intact", folder, whole, digests, files: inspected, classes };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { kind: "broken", folder, problem: error.message };
  }
}

interface Found {
  readonly inspected: InspectedFile[];
  readonly whole: boolean;
  readonly classes: readonly string[];
}

function inspectFiles(name: RemoteName, folder: string, files: DataFiles): Promise<Found> {
  switch (name) {
    case "cifar-10":
      return inspectCifar10(folder, files);
    case "cifar-100":
      return inspectCifar100(folder, files);
    case "fashion-mnist":
      return inspectFashion(folder, files);
    default:
      return assertNever(name);
  }
}

async function inspectCifar10(folder: string, files: DataFiles): Promise<Found> {
  const { train, test } = await cifar10Files(folder, files);
  const inspected: InspectedFile[] = [];
  for (const path of [...train, test]) {
    const bytes = await files.read(path, MOST_BATCH_BYTES);
    checkRecords(bytes, path, CIFAR10);
    const labels = labelsOf(bytes, CIFAR10, 0);
    inspected.push(describe(path.slice(folder.length + 1), labels, CIFAR10_CLASSES.length));
  }
  if ((await files.list(folder)).includes(META_FILE)) {
    const path = `${folder}/${META_FILE}`;
    checkClassNames(await files.read(path, MOST_LIST_BYTES), path, {
      dataset: "cifar-10",
      classes: CIFAR10_CLASSES,
      help: CIFAR10.help,
    });
  }
  const whole = inspected.length === 6 && inspected.every(({ images }) => images === 10_000);
  return { inspected, whole, classes: CIFAR10_CLASSES };
}

async function inspectCifar100(folder: string, files: DataFiles): Promise<Found> {
  const { train, test } = await cifar100Files(folder, files);
  const inspected: InspectedFile[] = [];
  for (const path of [train, test]) {
    const bytes = await files.read(path, MOST_CIFAR100_BYTES);
    checkRecords(bytes, path, CIFAR100);
    const labels = labelsOf(bytes, CIFAR100, LABEL_BYTES.indexOf("fine"));
    inspected.push(describe(path.slice(folder.length + 1), labels, CIFAR100_LABELS.fine.classes.length));
  }
  const names = await files.list(folder);
  for (const { file, classes } of Object.values(CIFAR100_LABELS)) {
    if (!names.includes(file)) continue;
    const path = `${folder}/${file}`;
    const about = { dataset: "cifar-100", classes, help: CIFAR100.help };
    checkClassNames(await files.read(path, MOST_LIST_BYTES), path, about);
  }
  const whole = inspected[0]!.images === 50_000 && inspected[1]!.images === 10_000;
  return { inspected, whole, classes: CIFAR100_LABELS.fine.classes };
}

async function inspectFashion(folder: string, files: DataFiles): Promise<Found> {
  const train = await readFashion(folder, "train", files);
  const test = await readFashion(folder, "t10k", files);
  const inspected = [
    describe("train-images-idx3-ubyte.gz", train.labels, FASHION_CLASSES.length),
    describe("t10k-images-idx3-ubyte.gz", test.labels, FASHION_CLASSES.length),
  ];
  const whole = train.labels.length === 60_000 && test.labels.length === 10_000;
  return { inspected, whole, classes: FASHION_CLASSES };
}

function describe(name: string, labels: Uint8Array, classes: number): InspectedFile {
  const perClass = new Array<number>(classes).fill(0);
  for (const label of labels) perClass[label]!++;
  return { name, images: labels.length, perClass };
}

/** Compares the files with their noted digests. @throws {DataError} for the first that differs. */
async function checkDigests(folder: string, files: DataFiles): Promise<"match" | null> {
  const path = `${folder}/${DIGESTS_FILE}`;
  if ((await files.stat(path)) === null) return null;
  const lines = new TextDecoder().decode(await files.read(path, MOST_LIST_BYTES)).split("\n");
  for (const line of lines.filter((line) => line !== "" && !line.startsWith("#"))) {
    const [, noted, name] = /^([0-9a-f]{64}) [ *]([\w.-]+)$/.exec(line) ?? [];
    if (noted === undefined || name === undefined) {
      throw new DataError(`Cannot use ${path}: ${JSON.stringify(line)} is no line of digest and name`);
    }
    if (sha256(await files.read(`${folder}/${name}`, MOST_REMOTE_BYTES)) !== noted) {
      throw new DataError(
        `Cannot trust ${folder}/${name}: it has changed since it was unpacked; its digest in ${path} is another`,
      );
    }
  }
  return "match";
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
