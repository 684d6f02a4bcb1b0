import { join } from "node:path";
import { z } from "zod";
import { Failure, UsageError } from "../errors.ts";

/**
 * A file of results, checked; `null` where there is none.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export async function readResult<T>(folder: string, name: string, schema: z.ZodType): Promise<T | null> {
  const path = join(folder, name);
  const found = await readJson(path);
  if (found === undefined) return null;
  checked(path, found, schema);
  return found as T;
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
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** @throws {UsageError} where it is none that this version of the lab wrote. */
export function checked<T>(path: string, found: unknown, schema: z.ZodType<T>): T {
  if ((found as { version?: unknown } | null)?.version !== 1) {
    throw new UsageError(`Cannot use ${path}: it is not a summary of version 1, as this lab writes`);
  }
  const result = schema.safeParse(found);
  if (result.success) return result.data;
  const { path: place, message } = result.error.issues[0]!;
  throw new UsageError(`Cannot use ${path}: at ${z.core.toDotPath(place) || "its top"}: ${message}`);
}
