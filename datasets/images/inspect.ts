import { basename } from "node:path";
import type { OwnInspection } from "../own_inspection.ts";
import { DataError, type DataFiles } from "../source.ts";
import { decodeImage } from "./decode.ts";
import { type FileProblem, type ImageFile, listImages, PARTS } from "./folder.ts";
import { ImageError } from "./pixels.ts";
import { clashOf, readFile } from "./read.ts";

/** Reads and decodes every file of a folder of class folders, and says what is wrong with each. */
export async function inspectImages(folder: string, files: DataFiles): Promise<OwnInspection> {
  if (!(await files.stat(folder))?.isDirectory) {
    throw new DataError(`Cannot verify ${folder}: there is no such folder`);
  }
  const listed = await listImages(folder, files);
  const problems: FileProblem[] = [...listed.problems];
  const known = new Map<string, ImageFile>();
  const good: ImageFile[] = [];
  let copies = 0;
  for (const file of listed.files) {
    const found = await inspectFile(file, known, files);
    if (found === "copy") copies++;
    else if (found === null) good.push(file);
    else problems.push({ path: file.path, problem: found });
  }
  const parts = listed.isSplit ? PARTS : ["all"];
  return {
    classes: listed.classes,
    parts: parts.map((name) => {
      const own = good.filter(({ part }) => part === null || part === name);
      const perClass = listed.classes.map((_, label) => own.filter((file) => file.label === label).length);
      return { name, images: own.length, perClass };
    }),
    problems,
    notes: copies === 0 ? [] : [`${copies} files are copies of others in their class and count once`],
  };
}

/** The fault of a file; `null` for an image that can be used, `copy` for one whose bytes were there before. */
async function inspectFile(
  file: ImageFile,
  known: Map<string, ImageFile>,
  files: DataFiles,
): Promise<string | "copy" | null> {
  try {
    const { bytes, digest } = await readFile(file, files);
    const twin = known.get(digest);
    if (twin) return clashOf(file, twin) ?? "copy";
    known.set(digest, file);
    await decodeImage(bytes, basename(file.path));
    return null;
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    if (error instanceof DataError) return `cannot be read: ${error.message}`;
    throw error;
  }
}
