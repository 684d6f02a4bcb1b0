import type { NumberedImages } from "./idx_pair.ts";
import type { FileProblem } from "./images/folder.ts";
import type { InspectedFile } from "./inspect.ts";
import { DataError } from "./source.ts";

/** The contents of files of text. */
export interface InspectedText {
  readonly unit: "character" | "byte";
  /** In all files together. */
  readonly tokens: number;
  readonly characters: number;
  /** The different tokens by name. */
  readonly vocabulary: readonly string[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** The contents of files of one's own, and their faults. */
export interface OwnInspection {
  readonly classes: readonly string[];
  /** Train and test, or all that is there: images by class. */
  readonly parts: readonly InspectedFile[];
  /** Every file that cannot be used; with any, the data set is refused. */
  readonly problems: readonly FileProblem[];
  /** Remarks that are no faults. */
  readonly notes: readonly string[];
  /** Of text without faults, in place of classes and parts. */
  readonly text?: InspectedText;
}

/** Reads a set whose classes are numbers as a loader would: its first fault, or what it holds. */
export async function inspectNumbered(read: () => Promise<NumberedImages>): Promise<OwnInspection> {
  try {
    const { classes, shape, ...parts } = await read();
    return {
      classes,
      parts: (["train", "test"] as const).map((name) => {
        const perClass = new Array<number>(classes.length).fill(0);
        for (const label of parts[name].labels) perClass[label]!++;
        return { name, images: parts[name].labels.length, perClass };
      }),
      problems: [],
      notes: [`images of ${shape.slice(0, 2).join(" × ")} pixels, ${shape[2] === 1 ? "grey" : "in colour"}`],
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { classes: [], parts: [], problems: [{ path: "", problem: error.message }], notes: [] };
  }
}
