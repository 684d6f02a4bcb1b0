import { createHash } from "node:crypto";
import { basename } from "node:path";
import { DataError, type DataFiles, MOST_DATA_BYTES, type RawImages } from "../source.ts";
import { decodeImage } from "./decode.ts";
import { type FileProblem, type ImageFile, listImages, unusable } from "./folder.ts";
import { type Colour, ImageError, inColour, MOST_FILE_BYTES } from "./pixels.ts";
import { squareOf } from "./resize.ts";

/** A folder of one's own images, and what they become. */
export interface ImagesRequest {
  readonly path: string;
  /** Height and width in pixels. */
  readonly size: number;
  readonly colour: Colour;
}

export interface ReadFolder {
  readonly classes: readonly string[];
  /** Training and validation images. */
  readonly train: RawImages;
  readonly test: RawImages;
}

/** Share of each class that is test data, in a folder that is not split. */
const TEST_SHARE = 0.2;
export const VERIFY = "`deno task data verify images --path FOLDER` lists what is wrong with every file";

/**
 * Reads a folder of class folders. Without `train` and `test` in it, a fifth of each class is test data: the files whose
 * SHA-256 is smallest, so that names and the order of files decide nothing. Files with the same bytes count once.
 *
 * @throws {DataError} for the first file that cannot be used, for one that stands in two classes or in both parts, and for
 * more pixels than {@link MOST_DATA_BYTES}.
 */
export async function readImages(request: ImagesRequest, files: DataFiles): Promise<ReadFolder> {
  const folder = await openFolder(request, files);
  const known = new Map<string, Decoded>();
  for (const file of folder.files) {
    const { bytes, digest } = await named(file, () => readFile(file, files));
    const twin = known.get(digest);
    const clash = twin === undefined ? null : clashOf(file, twin.file);
    if (clash !== null) throw refused({ path: file.path, problem: clash });
    if (twin) continue;
    known.set(digest, { file, digest, pixels: await named(file, () => pixelsOf(file, bytes, request)) });
  }
  const decoded = [...known.values()].sort((a, b) => a.digest < b.digest ? -1 : 1);
  const tested = folder.isSplit
    ? new Set(decoded.filter(({ file }) => file.part === "test"))
    : smallest(decoded, folder.classes, request.path);
  return {
    classes: folder.classes,
    train: joined(decoded.filter((each) => !tested.has(each))),
    test: joined(decoded.filter((each) => tested.has(each))),
  };
}

interface Decoded {
  readonly file: ImageFile;
  readonly digest: string;
  readonly pixels: Uint8Array;
}

async function openFolder({ path, size, colour }: ImagesRequest, files: DataFiles) {
  if (!(await files.stat(path))?.isDirectory) {
    throw new DataError(
      `Cannot load images from ${path}: there is no such folder; name one with a folder for each class`,
    );
  }
  const folder = await listImages(path, files);
  const [first] = folder.problems;
  if (first) throw refused(first);
  const total = folder.files.length * size * size * (colour === "rgb" ? 3 : 1);
  if (total > MOST_DATA_BYTES) {
    throw new DataError(
      `Cannot load images from ${path}: ${folder.files.length} images of ${size} × ${size} pixels take ${total} bytes; ` +
        `at most ${MOST_DATA_BYTES} are held; take a smaller size`,
    );
  }
  return folder;
}

/**
 * The bytes of a file, and their SHA-256 in hex.
 *
 * @throws {ImageError} for one that is too large. @throws {DataError} for one that cannot be read.
 */
export async function readFile({ path, bytes: size }: ImageFile, files: DataFiles) {
  if (size > MOST_FILE_BYTES) {
    throw new ImageError(`is too large: ${size} bytes; at most ${MOST_FILE_BYTES} are read`);
  }
  const bytes = await files.read(path, MOST_FILE_BYTES);
  return { bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}

async function pixelsOf({ path }: ImageFile, bytes: Uint8Array, { size, colour }: ImagesRequest) {
  return squareOf(inColour(await decodeImage(bytes, basename(path)), colour), size);
}

/** Names the file in a refusal. */
async function named<T>({ path }: ImageFile, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof ImageError ? refused({ path, problem: error.message }) : error;
  }
}

/** The reason that two files with the same bytes cannot both be there; `null` for plain copies, which count once. */
export function clashOf(file: ImageFile, twin: ImageFile): string | null {
  if (file.label !== twin.label) return `has the same bytes as ${twin.path}, of another class`;
  if (file.part !== twin.part) {
    return `has the same bytes as ${twin.path}: a test image that is trained on flatters the result`;
  }
  return null;
}

/** Of each class, the first fifth (at least one) in the order of digests. */
function smallest(decoded: readonly Decoded[], classes: readonly string[], path: string): Set<Decoded> {
  return new Set(classes.flatMap((name, label) => {
    const own = decoded.filter(({ file }) => file.label === label);
    if (own.length < 3) {
      throw refused({
        path: `${path}/${name}`,
        problem:
          `holds ${own.length} different images; a class has at least 3, to train, to validate and to test with`,
      });
    }
    return own.slice(0, Math.max(1, Math.floor(TEST_SHARE * own.length)));
  }));
}

function joined(decoded: readonly Decoded[]): RawImages {
  const size = decoded[0]?.pixels.length ?? 0;
  const images = new Uint8Array(decoded.length * size);
  decoded.forEach(({ pixels }, at) => images.set(pixels, at * size));
  return { images, labels: Uint8Array.from(decoded, ({ file }) => file.label) };
}

const refused = (problem: FileProblem) => unusable(problem, VERIFY);
