import type { Kind, Study, StudyResults } from "#study/study.ts";
import { UsageError } from "../errors.ts";
import { checkKind, checkRuns } from "../storage/folder.ts";
import { OUTPUTS } from "./output.ts";
import type { Training } from "./training.ts";

/**
 * Refuses to resume with another study than the one in the folder.
 *
 * @param training `null` for a study that trains nothing.
 * @returns seconds that the study has taken so far, as far as they were written.
 * @throws {UsageError} for another kind, spec, data, device or request.
 */
export async function checkResumable<K extends Kind>(
  folder: string,
  study: Study<K>,
  training: Training<StudyResults[K]> | null,
): Promise<number> {
  await checkKind(folder, study.kind);
  if (training === null) return 0;
  await checkRuns(folder, training.specText, training.provenance);
  const earlier = await OUTPUTS[study.kind].read(folder);
  const difference = earlier && study.difference?.(earlier);
  if (difference) {
    throw new UsageError(
      `Cannot resume ${folder}: it holds another ${study.kind} (${difference}). ` +
        "Give the options it was started with, or name another folder with --out",
    );
  }
  return earlier !== null && "provenance" in earlier ? earlier.provenance.wall_s : 0;
}
