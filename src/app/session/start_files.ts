import { resolve } from "node:path";
import { parentOf, startPaths } from "#spec/lineage.ts";
import type { StartFile, StartFiles } from "#spec/lineage.ts";
import { modelText } from "#spec/model_text.ts";
import { settingsOf } from "#spec/plan_run.ts";
import type { Spec } from "#spec/schema.ts";
import { CheckpointError, readCheckpoint } from "#train/checkpoint.ts";
import { UsageError } from "../errors.ts";
import { MOST_CHECKPOINT_BYTES, readLimited } from "../storage/read_limited.ts";
import { sha256 } from "../sha256.ts";

/**
 * Facts for planning about the checkpoint files that a spec's arms start from.
 *
 * @param folder that their paths are relative to.
 * @throws {UsageError} for a file that is not there, is no checkpoint, or is of another model.
 */
export async function readStartFiles(spec: Spec, folder: string): Promise<StartFiles> {
  const files = startPaths(spec).map(async (path): Promise<[string, StartFile]> => {
    const { bytes, checkpoint } = await readStart(resolve(folder, path), path);
    for (const model of modelsFrom(spec, path)) {
      if (checkpoint.model === model) continue;
      throw new UsageError(`Cannot start from ${path}: it is of model ${checkpoint.model}, not ${model}`);
    }
    return [path, { digest: sha256(bytes), step: checkpoint.step }];
  });
  return new Map(await Promise.all(files));
}

/** Models of the arms that start from a file. */
function modelsFrom(spec: Spec, path: string): string[] {
  return spec.arms.flatMap((arm) => {
    const parent = parentOf(spec.arms, arm);
    return parent?.kind === "file" && parent.path === path ? [modelText(settingsOf(spec, arm).model)] : [];
  });
}

async function readStart(file: string, path: string) {
  try {
    const bytes = await readLimited(file, MOST_CHECKPOINT_BYTES);
    return { bytes, checkpoint: await readCheckpoint(bytes) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot start from ${path}: there is no such file (${file})`);
    }
    if (error instanceof CheckpointError) {
      throw new UsageError(`Cannot start from ${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
