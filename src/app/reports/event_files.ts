import { basename, join, resolve } from "node:path";
import { Failure, UsageError } from "../errors.ts";
import { diskStore } from "../storage/disk.ts";
import { rewriteRun } from "../storage/tensorboard_log.ts";

/**
 * Every run of some experiments, sweeps or range tests as an event file, in `folder`: `<run>/events.out.tfevents.…`, of
 * several experiments `<experiment>/<run>/…`. Files that the lab wrote there before are replaced, others stay.
 *
 * @returns how many runs were written.
 * @throws {UsageError} where there are no runs, or `folder` is a file.
 * @throws {Failure} where the folder cannot be written to.
 */
export async function writeEventFiles(experiments: readonly string[], folder: string): Promise<number> {
  let count = 0;
  for (const experiment of experiments) {
    const records = await diskStore(experiment).records();
    if (records.length === 0) {
      throw new UsageError(`Cannot write event files of ${experiment}: no runs are left in it`);
    }
    const to = experiments.length === 1 ? folder : join(folder, basename(resolve(experiment)));
    for (const record of records) {
      await rewriteRun(to, record, Date.now() / 1000).catch((error) => refuse(error, folder));
    }
    count += records.length;
  }
  return count;
}

function refuse(error: unknown, folder: string): never {
  if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
    throw new UsageError(
      `Cannot write event files to ${folder}: it is a file, and --tensorboard takes a folder`,
    );
  }
  if (error instanceof Failure) throw error;
  throw new Failure(`Cannot write event files to ${folder}: ${(error as Error).message}`);
}
