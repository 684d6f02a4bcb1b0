import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { customModules } from "#schedules/custom.ts";
import type { BuildContext, CustomModule } from "#schedules/entry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { sha256Hex } from "#lib/sha256.ts";
import { UsageError } from "../errors.ts";

/**
 * The modules of all custom schedules, loaded, as a build wants them.
 *
 * @throws {UsageError} for a path that is no local file, a module that cannot be loaded, or one that is not what it was
 * when the experiment began.
 */
export async function loadCustomModules(
  schedules: readonly ScheduleSpec[],
  folder: string,
): Promise<BuildContext> {
  const loaded = new Map<string, CustomModule>();
  for (const { module: path, digest } of schedules.flatMap(customModules)) {
    if (digest !== null && digest !== await digestOf(path, folder)) {
      throw new UsageError(
        `Cannot use the schedule ${path} (${
          resolve(folder, path)
        }): the module has changed since the experiment ` +
          "began. Put back what it was, or begin another experiment",
      );
    }
    if (!loaded.has(path)) loaded.set(path, await load(path, folder));
  }
  return { custom: (path) => loaded.get(path)! };
}

/**
 * The same spec with the digest of each custom schedule's module that has none yet, so that runs of a module that was
 * changed are other runs. Modules that a module imports are not looked at.
 */
export async function withDigests<T>(spec: T, folder: string): Promise<T> {
  const digests = new Map<string, string>();
  for (const { module } of customModules(spec)) digests.set(module, await digestOf(module, folder));
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== "object" || value === null) return value;
    const inner = Object.fromEntries(Object.entries(value).map(([key, of]) => [key, filled(of)]));
    return inner.name === "custom" && typeof inner.module === "string" && inner.digest === undefined
      ? { ...inner, digest: digests.get(inner.module) }
      : inner;
  };
  return digests.size === 0 ? spec : filled(spec) as T;
}

async function load(path: string, folder: string): Promise<CustomModule> {
  const file = fileOf(path, folder);
  try {
    return await import(pathToFileURL(file).href) as CustomModule;
  } catch (error) {
    throw unloadable(path, file, error);
  }
}

async function digestOf(path: string, folder: string): Promise<string> {
  const file = fileOf(path, folder);
  try {
    return await sha256Hex(await Deno.readFile(file));
  } catch (error) {
    throw unloadable(path, file, error);
  }
}

function fileOf(path: string, folder: string): string {
  if (/^[a-z][a-z+.-]+:/i.test(path)) {
    throw new UsageError(`Cannot load the schedule ${path}: only a local file can be a custom schedule`);
  }
  return resolve(folder, path);
}

function unloadable(path: string, file: string, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new UsageError(`Cannot load the schedule ${path} (${file}): ${reason}`);
}
