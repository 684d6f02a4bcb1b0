import { concat } from "#lib/bytes.ts";
import type { FileProblem } from "../images/folder.ts";
import type { OwnInspection } from "../own_inspection.ts";
import { DataError, type DataFiles } from "../source.ts";
import { listTexts } from "./list.ts";
import { readFile } from "./read.ts";
import { tokenise } from "./tokens.ts";

/** Reads every file of a text, and says what is wrong with each and what tokens it has. */
export async function inspectText(path: string, files: DataFiles): Promise<OwnInspection> {
  const { files: listed, problems: found } = await listTexts(path, files);
  const problems: FileProblem[] = [...found];
  const parts: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  // Files that are too many or too large together are not read at all.
  for (const file of found.length > 0 ? [] : listed) {
    try {
      const { bytes, problem } = await readFile(file, files);
      if (problem === null) parts.push({ name: file.path, bytes });
      else problems.push({ path: file.path, problem });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push({ path: file.path, problem: `cannot be read: ${error.message}` });
    }
  }
  const none = { classes: [], parts: [], problems, notes: [] };
  if (problems.length > 0) return none;
  try {
    const tokens = tokenise(concat(parts.map(({ bytes }) => bytes)), path);
    return {
      ...none,
      text: {
        unit: tokens.unit,
        tokens: tokens.values.length,
        characters: tokens.characters,
        vocabulary: tokens.names,
        files: parts.map(({ name, bytes }) => ({ name, bytes: bytes.length })),
      },
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { ...none, problems: [{ path: "", problem: error.message }] };
  }
}
