import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import type { Spec } from "#spec/schema.ts";
import type { StudyFacts } from "#study/study.ts";
import type { TrainingData } from "#train/data.ts";
import { withDigests } from "../workers/custom_modules.ts";
import { dataRequest } from "../data/data_request.ts";
import type { SessionOptions } from "./options.ts";
import { readStartFiles } from "./start_files.ts";

/** A study's facts with the images and labels themselves. */
export interface SessionFacts extends StudyFacts {
  readonly data: TrainingData;
}

/**
 * Loads what a spec needs.
 *
 * @throws {UsageError} for a module or a checkpoint file that cannot be used.
 * @throws {DataError} for a data set that is not there or is damaged.
 */
export async function loadFacts(
  given: Spec,
  { invocation: { folder }, dataDir }: Pick<SessionOptions, "invocation" | "dataDir">,
): Promise<SessionFacts> {
  const spec = await withDigests(given, folder);
  const data = await loadDataset(dataRequest(spec, folder, dataDir), denoFiles);
  return { spec, data, files: await readStartFiles(spec, folder) };
}
