import { type FileProblem, filesIn, foldersIn, MOST_FILES, type Part, PARTS } from "../images/folder.ts";
import type { DataFiles } from "../source.ts";

/** A file with its size on disk. */
export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/** An image and its mask: files of one name, but for the extension. */
export interface Pair {
  readonly image: SizedFile;
  readonly mask: SizedFile;
  /** `null` in a folder that is not split. */
  readonly part: Part | null;
}

export interface PairFolder {
  readonly pairs: readonly Pair[];
  /** True where it has folders `train` and `test`. */
  readonly isSplit: boolean;
  readonly problems: readonly FileProblem[];
}

/** Folders of images and of their masks. */
const SIDES = ["images", "masks"] as const;

/**
 * Lists a folder that holds `images` and `masks`, or folders `train` and `test` that do; reads no file. Other files beside
 * these folders, and hidden ones, are left out.
 */
export async function listPairs(folder: string, files: DataFiles): Promise<PairFolder> {
  const top = await foldersIn(folder, files);
  const isSplit = PARTS.every((part) => top.names.includes(part));
  const roots = isSplit
    ? PARTS.map((part) => ({ part, path: `${folder}/${part}` }))
    : [{ part: null, path: folder }];
  const pairs: Pair[] = [];
  const problems: FileProblem[] = [...top.problems];
  for (const { part, path } of roots) {
    const { names } = await foldersIn(path, files);
    const missing = SIDES.find((side) => !names.includes(side));
    if (missing !== undefined) {
      problems.push({
        path,
        problem:
          `has no folder ${missing}; images lie in \`images\` and their masks, by the same names, in ` +
          "`masks`, below `train` and `test` where the data are split",
      });
      continue;
    }
    const listed = await pairsIn(path, files);
    problems.push(...listed.problems);
    pairs.push(...listed.pairs.map((pair) => ({ ...pair, part })));
  }
  if (pairs.length > MOST_FILES) {
    problems.push({ path: folder, problem: `holds more than ${MOST_FILES} images, the most that are read` });
  }
  return { pairs, isSplit, problems };
}

/** The images of a folder with their masks, by the names without extension. */
async function pairsIn(path: string, files: DataFiles) {
  const [images, masks] = await Promise.all(
    SIDES.map((side) =>
      filesIn(`${path}/${side}`, files, { empty: `holds no ${side}`, holds: "it holds files alone" })
    ),
  ) as [Awaited<ReturnType<typeof filesIn>>, Awaited<ReturnType<typeof filesIn>>];
  const problems: FileProblem[] = [...images.problems, ...masks.problems];
  const byName = new Map<string, SizedFile>();
  for (const mask of masks.files) {
    const name = stem(mask.path);
    if (byName.has(name)) problems.push({ path: mask.path, problem: "is a second mask of one name" });
    byName.set(name, mask);
  }
  const pairs: Omit<Pair, "part">[] = [];
  const seen = new Set<string>();
  for (const image of images.files) {
    const name = stem(image.path);
    const mask = byName.get(name);
    if (seen.has(name)) problems.push({ path: image.path, problem: "is a second image of one name" });
    else if (mask) pairs.push({ image, mask });
    else problems.push({ path: image.path, problem: `has no mask: ${path}/masks lacks ${name}.png` });
    seen.add(name);
  }
  for (const [name, mask] of byName) {
    if (!seen.has(name)) problems.push({ path: mask.path, problem: "is the mask of no image" });
  }
  return { pairs, problems };
}

/** The file's name without its folder and extension. */
function stem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? name : name.slice(0, dot);
}
