import type { BuildContext } from "#schedules/entry.ts";
import { loadCustomModules } from "../../workers/custom_modules.ts";
import type { Arms } from "../../schedules/facts.ts";

/** The options of every action that say where its text goes, and in which format. */
export interface Output {
  readonly format?: "chart" | "json" | "csv" | "html" | undefined;
  readonly out?: string | undefined;
}

/** The loaded modules of custom schedules. */
export async function contextOf({ arms, folder }: Arms): Promise<BuildContext> {
  return await loadCustomModules(arms.map(({ schedule }) => schedule), folder);
}
