import type { CommandIo } from "../io.ts";
import { join } from "../studies/join.ts";
import { shardFolders } from "../storage/shards.ts";
import type { Place } from "./settings.ts";
import type { Trained } from "./train.ts";

/** Joins the shards of each setting that has some; what is missing of one is said, and the others are joined. */
export async function joinSettings(
  places: readonly Place[],
  dataDir: string | null,
  io: CommandIo,
): Promise<Trained> {
  for (const { folder } of places) {
    if ((await shardFolders(folder)).length === 0) continue;
    const missing = await join(folder, dataDir, io);
    if (missing !== null) io.stderr(`${folder}: ${missing}\n`);
  }
  return { stopped: "no", waiting: [], failures: [] };
}
