import type { CommandIo } from "../io.ts";
import { diskStore } from "../storage/disk.ts";
import { writeInvocation } from "../storage/invocation.ts";
import { withTensorboard } from "../storage/logged_store.ts";
import { openRunCache } from "../storage/run_cache.ts";
import type { Store } from "../storage/store.ts";
import type { SessionOptions } from "./options.ts";
import type { Training } from "./training.ts";

/** The place of a study's results. */
export interface StorePlace {
  readonly folder: string;
  readonly options: SessionOptions;
  readonly io: CommandIo;
}

/** The folder's store, with the spec in it and, where plans are listed, how the study was asked for. */
export async function openStore(
  { specText, provenance, backend, threads }: Training<unknown>,
  { folder, options: { invocation, dataDir, fresh, earlier, tensorboard }, io }: StorePlace,
  listsPlans: boolean,
): Promise<Store> {
  const disk = diskStore(folder, {
    runCache: fresh ? null : openRunCache(folder, specText, provenance, earlier),
    from: invocation.folder,
    notify: io.stderr,
  });
  const store = await withTensorboard(disk, folder, tensorboard ?? false);
  await store.writeSpec(specText);
  if (listsPlans) await writeInvocation(folder, { ...invocation, dataDir, backend, threads });
  return store;
}
