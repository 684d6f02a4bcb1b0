import { type FileProblem, isHidden } from "../images/folder.ts";
import { DataError, type DataFiles } from "../source.ts";

/** A file of a text, and its size on disk. */
export interface TextFile {
  readonly path: string;
  readonly bytes: number;
}

export interface TextFolder {
  readonly files: readonly TextFile[];
  readonly problems: readonly FileProblem[];
}

/** Most bytes of all files of a text: 64 MiB. */
export const MOST_TEXT_BYTES = 64 * 2 ** 20;
/** Most files of a folder, and folders in one another: links may lead round in a circle. */
const MOST_TEXT_FILES = 10_000;
export const MOST_TEXT_DEPTH = 8;

/**
 * The files of a text: one file, or those of a folder and the folders in it, by their paths in the order of their
 * characters' codes; reads none. Hidden ones are left out, links are followed.
 *
 * @throws {DataError} where there is nothing.
 */
export async function listTexts(path: string, files: DataFiles): Promise<TextFolder> {
  const top = await files.stat(path);
  if (top === null) throw new DataError(`Cannot load text from ${path}: there is no such file or folder`);
  const found: TextFile[] = [];
  const problems: FileProblem[] = [];
  const visit = async (place: string, depth: number): Promise<void> => {
    if (found.length > MOST_TEXT_FILES) return;
    const seen = await files.stat(place);
    if (seen?.isFile) found.push({ path: place, bytes: seen.size });
    else if (seen === null) problems.push({ path: place, problem: "is a link that leads nowhere" });
    else if (!seen.isDirectory) problems.push({ path: place, problem: "is no regular file" });
    else if (depth > MOST_TEXT_DEPTH) {
      const problem = `lies more than ${MOST_TEXT_DEPTH} folders deep; a link may lead round in a circle`;
      problems.push({ path: place, problem });
    } else {
      for (const name of await files.list(place)) {
        if (!isHidden(name)) await visit(`${place}/${name}`, depth + 1);
      }
    }
  };
  await visit(path, 0);
  return { files: found, problems: [...problems, ...tooMuch(path, found)] };
}

function tooMuch(path: string, found: readonly TextFile[]): FileProblem[] {
  const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
  if (found.length > MOST_TEXT_FILES) {
    return [{ path, problem: `holds more than ${MOST_TEXT_FILES} files, the most that are read` }];
  }
  if (bytes > MOST_TEXT_BYTES) {
    return [{ path, problem: `holds ${bytes} bytes; at most ${MOST_TEXT_BYTES} are read` }];
  }
  return bytes === 0 ? [{ path, problem: "holds no text" }] : [];
}
