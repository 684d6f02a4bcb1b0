import type { FormatName } from "./format.ts";

/** Folders of a run in which frameworks put figures of one split, by what comes before their tags then. */
const SPLITS = ["validation", "valid", "val", "eval", "test"];
/** `train` of Keras; hparams of SummaryWriter, named by the time; checkpoints of Hugging Face's Trainer. */
const PARTS = /^(?:train|training|\d{10}\.\d+|checkpoint-\d+)$/;

/**
 * The prefix that a folder puts before the tags of its files where it is a part of the run around it, and no run of its own; `null`
 * where it is one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isPartOfRun } from "#trackers/run_folders.ts";
 *
 * assert.equal(isPartOfRun("validation"), "validation/");
 * assert.equal(isPartOfRun("checkpoint-500"), "");
 * assert.equal(isPartOfRun("seed3"), null);
 * ```
 */
export function isPartOfRun(folder: string): string | null {
  if (SPLITS.includes(folder)) return `${folder}/`;
  return PARTS.test(folder) ? "" : null;
}

/** True for files that are pieces of the run of their folder; each other file is a run. */
export function sharesFolder(format: FormatName, file: string): boolean {
  return ["tensorboard", "trainer-state", "lr-lab"].includes(format) || file === "metrics.csv";
}
