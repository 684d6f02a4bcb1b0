import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { customModules } from "#schedules/custom.ts";
import type { BuildContext, CustomModule } from "#schedules/entry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { UsageError } from "../errors.ts";

/**
 * The modules of all custom schedules, loaded, as a build wants them.
 *
 * @throws {UsageError} for a path that is no local file, or a module that cannot be loaded.
 */
export async function loadCustomModules(
  schedules: readonly ScheduleSpec[],
  folder: string,
): Promise<BuildContext> {
  const loaded = new Map<string, CustomModule>();
  for (const path of new Set(schedules.flatMap(customModules))) {
    if (/^[a-z][a-z+.-]+:/i.test(path)) {
      throw new UsageError(`Cannot load the schedule ${path}: only a local file can be a custom schedule`);
    }
    const file = resolve(folder, path);
    try {
      loaded.set(path, await import(pathToFileURL(file).href) as CustomModule);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw new UsageError(`Cannot load the schedule ${path} (${file}): ${reason}`);
    }
  }
  return { custom: (path) => loaded.get(path)! };
}
