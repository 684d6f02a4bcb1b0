import { join } from "node:path";
import { z } from "zod";
import type { SweepOutcome } from "#lab/sweep/summary.ts";
import { Failure, UsageError } from "./errors.ts";
import { sweepSchema } from "./sweep_schema.ts";

/**
 * What a sweep left in its folder; `null` where there is no `sweep.json`.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export async function readSweep(folder: string): Promise<SweepOutcome | null> {
  return await readResult<SweepOutcome>(folder, "sweep.json", sweepSchema);
}

/**
 * A file of results, checked; `null` where there is none.
 *
 * @throws {UsageError} where it is none that this version of the lab wrote.
 */
export async function readResult<T>(folder: string, name: string, schema: z.ZodType): Promise<T | null> {
  const path = join(folder, name);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new Failure(`Cannot read ${path}: ${(error as Error).message}`);
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
  const checked = schema.safeParse(found);
  if (checked.success) return found as T;
  const { path: place, message } = checked.error.issues[0]!;
  throw new UsageError(`Cannot use ${path}: at ${z.core.toDotPath(place) || "its top"}: ${message}`);
}
