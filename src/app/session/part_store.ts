import { diskStore } from "../storage/disk.ts";
import { withTensorboard } from "../storage/logged_store.ts";
import { readFile } from "../storage/run_files.ts";
import type { FinishedRuns } from "../storage/shards.ts";
import type { Store } from "../storage/store.ts";
import type { SessionOptions } from "./options.ts";

/** A shard's folder, in which the runs of others count as finished where they lie. */
export async function partStore(
  folder: string,
  others: Pick<FinishedRuns, "find">,
  { invocation, tensorboard = false }: Pick<SessionOptions, "invocation" | "tensorboard">,
  notify: (text: string) => void,
): Promise<Store> {
  const disk = diskStore(folder, {
    sealed: true,
    from: invocation.folder,
    notify,
  });
  const own = await withTensorboard(disk, folder, tensorboard);
  /** By id. */
  const folders = new Map<string, string>();
  return {
    ...own,
    finished: async (plan) => {
      const record = await own.finished(plan);
      if (record) return record;
      const found = await others.find(plan);
      if (found) folders.set(plan.id, found.folder);
      return found?.record ?? null;
    },
    file: (plan, name) => {
      const folder = folders.get(plan.id);
      return folder === undefined ? own.file(plan, name) : readFile(folder, name);
    },
  };
}
