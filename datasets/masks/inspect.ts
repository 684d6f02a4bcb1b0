import { type FileProblem, PARTS } from "../images/folder.ts";
import type { OwnInspection } from "../own_inspection.ts";
import { DataError, type DataFiles } from "../source.ts";
import { listPairs } from "./pairs.ts";
import { classesOf, type ReadPair, readPair } from "./read.ts";

/** Size at which masks are looked at: classes that are lost at a smaller one still count here. */
const SIZE = 512;

/** Reads every image with its mask, and says what is wrong with each; counts are images that have the class. */
export async function inspectMasks(folder: string, files: DataFiles): Promise<OwnInspection> {
  if (!(await files.stat(folder))?.isDirectory) {
    throw new DataError(`Cannot verify ${folder}: there is no such folder`);
  }
  const { pairs, isSplit, problems: listed } = await listPairs(folder, files);
  const problems: FileProblem[] = [...listed];
  const good: Pick<ReadPair, "pair" | "mask">[] = [];
  for (const each of pairs) {
    try {
      const { pair, mask } = await readPair(each, { size: SIZE, colour: "grey" }, files);
      // One pixel of each value is enough.
      good.push({ pair, mask: Uint8Array.from(new Set(mask)) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push({ path: "", problem: error.message });
    }
  }
  const classes = classesIn(good, folder, problems);
  const parts = isSplit ? PARTS : ["all"];
  return {
    classes: classes.map(String),
    parts: parts.map((name) => {
      const own = good.filter(({ pair: { part } }) => part === null || part === name);
      const perClass = classes.map((value) => own.filter(({ mask }) => mask.includes(value)).length);
      return { name, images: own.length, perClass };
    }),
    problems,
    notes: ["counts are images that have a pixel of the class"],
  };
}

function classesIn(
  good: readonly Pick<ReadPair, "pair" | "mask">[],
  folder: string,
  problems: FileProblem[],
): number[] {
  try {
    return classesOf(good, folder);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    problems.push({ path: "", problem: error.message });
    return [];
  }
}
