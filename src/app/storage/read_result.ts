import { join } from "node:path";
import type { z } from "zod";
import { type DataOf, FileError, parseJson, type ResultFile } from "#results/file.ts";
import { Failure, UsageError } from "../errors.ts";

/**
 * A file of results, checked; `null` where there is none.
 *
 * @throws {UsageError} where it cannot be used: damaged, of a newer version, or not what was expected.
 */
export async function readResult<S extends z.ZodType>(
  folder: string,
  file: ResultFile<S>,
): Promise<DataOf<S> | null> {
  const path = join(folder, file.name);
  const found = await readJson(path);
  return found === undefined ? null : checked(path, found, file);
}

/**
 * As {@link readResult}, and `null` for a file that is damaged too: for what its writer makes anew.
 *
 * @throws {Failure} where the system does not let it be read.
 */
export function readUnlessDamaged<S extends z.ZodType>(
  folder: string,
  file: ResultFile<S>,
): Promise<DataOf<S> | null> {
  return readResult(folder, file).catch((error) => {
    if (error instanceof UsageError) return null;
    throw error;
  });
}

/**
 * Plain data; `undefined` where there is no such file.
 *
 * @throws {UsageError} where it is no JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw new Failure(`Cannot read ${path}: ${(error as Error).message}`);
  }
  return refusing(() => parseJson(text, path));
}

/** @throws {UsageError} for data that the file does not hold. */
export function checked<S extends z.ZodType>(path: string, found: unknown, file: ResultFile<S>): DataOf<S> {
  return refusing(() => file.check(found, path));
}

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FileError ? new UsageError(error.message, { cause: error }) : error;
  }
}
