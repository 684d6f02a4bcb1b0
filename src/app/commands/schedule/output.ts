import type { BuildContext } from "#schedules/entry.ts";
import type { CommandIo } from "../../io.ts";
import { loadCustomModules } from "../../session/custom_modules.ts";
import type { Arms } from "./facts.ts";

/** The options of every action that say where its text goes, and in which format. */
export interface Output {
  readonly format?: "chart" | "json" | "csv" | "html" | undefined;
  readonly out?: string | undefined;
}

/** The loaded modules of custom schedules. */
export async function contextOf({ arms, folder }: Arms): Promise<BuildContext> {
  return await loadCustomModules(arms.map(({ schedule }) => schedule), folder);
}

/** Writes to a file, or to stdout where none is named. */
export async function write(text: string, out: string | undefined, io: CommandIo): Promise<void> {
  if (out === undefined) return io.stdout(text);
  await io.writeTextAtomic(out, text);
  io.stderr(`wrote ${out}\n`);
}
