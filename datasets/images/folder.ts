import { printable } from "#lib/printable.ts";
import { DataError, type DataFiles, MOST_CLASSES } from "../source.ts";

/** Parts of a folder that is split already. */
export const PARTS = ["train", "test"] as const;
export type Part = typeof PARTS[number];

/** One image file of a folder of class folders. */
export interface ImageFile {
  readonly path: string;
  readonly bytes: number;
  readonly label: number;
  /** `null` in a folder that is not split. */
  readonly part: Part | null;
}

/** A fault of one file or folder. */
export interface FileProblem {
  readonly path: string;
  /** Continues a sentence that begins with the path. */
  readonly problem: string;
}

/** @param verify says which command lists all that is wrong. */
export function unusable({ path, problem }: FileProblem, verify: string): DataError {
  return new DataError(`Cannot use ${path}: it ${problem}; ${verify}`);
}

export interface ImageFolder {
  /** Names of the class folders, in the order of their characters' codes: the labels. */
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
  /** True where it has folders `train` and `test`. */
  readonly isSplit: boolean;
  readonly problems: readonly FileProblem[];
}

/** Most files of a folder, whatever they hold. */
export const MOST_FILES = 200_000;
const MOST_NAME = 120;
/** Files that systems leave behind, beside those whose name begins with a dot. */
const LITTER = ["Thumbs.db", "desktop.ini"];
/** Names of parts as others write them: read as classes they would give nonsense. */
const LIKE_PARTS = [...PARTS, "val", "valid", "validation", "dev"];

/**
 * Lists a folder of class folders, or one with such folders below `train` and `test`; reads no file. Files beside the
 * class folders, and hidden ones, are left out. Links are followed to files and folders.
 */
export async function listImages(folder: string, files: DataFiles): Promise<ImageFolder> {
  const top = await foldersIn(folder, files);
  const isSplit = PARTS.every((part) => top.names.includes(part));
  const roots = isSplit
    ? PARTS.map((part) => ({ part, path: `${folder}/${part}` }))
    : [{ part: null, path: folder }];
  const problems: FileProblem[] = [...top.problems, ...misnamed(folder, top.names, isSplit)];
  if (problems.length > 0) return { classes: [], files: [], isSplit, problems };

  const listed = await Promise.all(
    roots.map(async (root) => ({ ...root, ...await foldersIn(root.path, files) })),
  );
  const classes = listed[0]!.names;
  for (const { path, names, problems: broken } of listed) {
    problems.push(
      ...broken,
      ...names.filter((name) => !classes.includes(name)).map((name) => ({
        path: `${path}/${name}`,
        problem: `is a class that ${folder}/${PARTS[0]} does not have`,
      })),
    );
  }
  problems.push(...badClasses(folder, classes));
  const found: ImageFile[] = [];
  for (const { part, path, names } of listed) {
    for (const name of names.filter((name) => classes.includes(name))) {
      const inside = await filesIn(`${path}/${name}`, files);
      problems.push(...inside.problems);
      found.push(...inside.files.map((file) => ({ ...file, label: classes.indexOf(name), part })));
      if (found.length > MOST_FILES) {
        problems.push({
          path: folder,
          problem: `holds more than ${MOST_FILES} files, the most that are read`,
        });
        return { classes, files: [], isSplit, problems };
      }
    }
  }
  return { classes, files: found, isSplit, problems };
}

/** True for hidden files and what systems leave behind. */
export const isHidden = (name: string) => name.startsWith(".") || LITTER.includes(name);

/** Folders in a folder, hidden ones left out. */
export async function foldersIn(path: string, files: DataFiles) {
  const names: string[] = [];
  const problems: FileProblem[] = [];
  for (const name of await files.list(path)) {
    if (isHidden(name)) continue;
    const found = await files.stat(`${path}/${name}`);
    if (found === null) problems.push({ path: `${path}/${name}`, problem: "is a link that leads nowhere" });
    else if (found.isDirectory) names.push(name);
  }
  return { names, problems };
}

/** Files in a folder, hidden ones left out. */
export async function filesIn(
  path: string,
  files: DataFiles,
  { empty, holds }: { readonly empty: string; readonly holds: string } = CLASS_FOLDER,
) {
  const inside: { path: string; bytes: number }[] = [];
  const problems: FileProblem[] = [];
  for (const name of await files.list(path)) {
    if (isHidden(name)) continue;
    const file = `${path}/${name}`;
    const found = await files.stat(file);
    if (found?.isFile) inside.push({ path: file, bytes: found.size });
    else {problems.push({
        path: file,
        problem: found === null ? "is a link that leads nowhere" : notAFile(found, holds),
      });}
  }
  if (inside.length === 0 && problems.length === 0) {
    problems.push({ path, problem: empty });
  }
  return { files: inside, problems };
}

/** Continue sentences about a folder, or about what lies in it. */
const CLASS_FOLDER = { empty: "is a class without images", holds: "a class folder holds image files alone" };

const notAFile = ({ isDirectory }: { readonly isDirectory: boolean }, holds: string) =>
  isDirectory ? `is a folder; ${holds}` : "is no regular file";

function misnamed(folder: string, names: readonly string[], isSplit: boolean): FileProblem[] {
  const parts = names.filter((name) => LIKE_PARTS.includes(name.toLowerCase()));
  const rest = names.filter((name) => !PARTS.some((part) => part === name));
  if (isSplit && rest.length > 0) {
    const problem = `stands beside ${PARTS.join(" and ")}; validation images are held out of ${PARTS[0]}`;
    return rest.map((name) => ({ path: `${folder}/${name}`, problem }));
  }
  if (isSplit || parts.length === 0) return [];
  const problem = `is called like a part of a split; a split folder has ${
    PARTS.join(" and ")
  }, both, and nothing else`;
  return parts.map((name) => ({ path: `${folder}/${name}`, problem }));
}

function badClasses(folder: string, classes: readonly string[]): FileProblem[] {
  if (classes.length < 2 || classes.length > MOST_CLASSES) {
    const problem = `has ${classes.length} class folders; expected one for each class, 2 to ${MOST_CLASSES}`;
    return [{ path: folder, problem }];
  }
  return classes.flatMap((name): FileProblem[] => {
    const path = `${folder}/${name}`;
    if (name.length > MOST_NAME) {
      return [{ path, problem: `has a name of ${name.length} characters; at most ${MOST_NAME}` }];
    }
    return printable(name) === name ? [] : [{ path, problem: "has control characters in its name" }];
  });
}
