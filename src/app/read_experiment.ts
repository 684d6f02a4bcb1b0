import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Experiment } from "#lab/across.ts";
import type { RunRecord } from "#lab/record.ts";
import type { Summary } from "#lab/summary.ts";
import type { OtherResult } from "#report/compose_index.ts";
import { diskStore } from "./disk.ts";
import { Failure, UsageError } from "./errors.ts";
import type { TheorySummary } from "#theory/summary.ts";
import { otherResultSchema, summarySchema } from "./summary_schema.ts";
import { theorySummarySchema } from "./theory_schema.ts";

/**
 * What an experiment left in its folder: summary, runs and spec. Runs and spec may be gone.
 *
 * @throws {UsageError} where the folder holds no summary that this version of the lab wrote.
 * @throws {Failure} where a file of the runs cannot be read.
 */
export async function readExperiment(folder: string): Promise<Experiment> {
  const summary = await readSummary(folder);
  return { folder, summary, records: await readRecords(folder), spec: await readSpec(folder) };
}

/** @throws {UsageError} where the folder holds no summary that this version of the lab wrote. */
export async function readSummary(folder: string): Promise<Summary> {
  const path = join(folder, "summary.json");
  const found = await readJson(path);
  if (found === undefined) {
    const other = await readOtherResult(folder);
    if (other !== null) {
      throw new UsageError(
        `Cannot use ${folder} here: it holds a ${
          other.kind.replaceAll("-", " ")
        }, and only experiments are compared`,
      );
    }
    throw new UsageError(
      `Cannot build a report of ${folder}: it has no summary.json. Name the folder of an experiment: ` +
        "the one that --out named, or one in runs/",
    );
  }
  if (isOther(found)) {
    throw new UsageError(
      `Cannot use ${path}: it is of another kind (${
        String(found.kind)
      }), and the command that made it makes its report`,
    );
  }
  return checked(path, found, summarySchema) as unknown as Summary;
}

/**
 * The summary of exercise 0; `null` where the folder holds something else.
 *
 * @throws {UsageError} where it is one that this version of the lab did not write.
 */
export async function readTheory(folder: string): Promise<TheorySummary | null> {
  const path = join(folder, "summary.json");
  const found = await readJson(path);
  if (!isOther(found) || found.kind !== "theory") return null;
  checked(path, found, theorySummarySchema);
  return found as unknown as TheorySummary;
}

/** Files with results that are no experiment's. */
const OTHERS = ["sweep.json", "range-test.json", "summary.json"];

/**
 * What an index tells of a sweep, a range test or the theory; `null` where the folder holds none of them.
 *
 * @throws {UsageError} where it holds one that this version of the lab did not write.
 */
export async function readOtherResult(folder: string): Promise<OtherResult | null> {
  for (const name of OTHERS) {
    const path = join(folder, name);
    const found = await readJson(path);
    if (isOther(found)) return checked(path, found, otherResultSchema);
  }
  return null;
}

function isOther(found: unknown): found is { kind: unknown } {
  return typeof found === "object" && found !== null && "kind" in found;
}

/** Plain data; `undefined` where there is no such file. */
async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw new Failure(`Cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

function checked<T>(path: string, found: unknown, schema: z.ZodType<T>): T {
  if ((found as { version?: unknown } | null)?.version !== 1) {
    throw new UsageError(`Cannot use ${path}: it is not a summary of version 1, as this lab writes`);
  }
  const result = schema.safeParse(found);
  if (result.success) return result.data;
  const { path: place, message } = result.error.issues[0]!;
  throw new UsageError(`Cannot use ${path}: at ${z.core.toDotPath(place)}: ${message}`);
}

/** Every run that is there; none where their folder is gone, and the report then has no curves. */
async function readRecords(folder: string): Promise<RunRecord[]> {
  try {
    return await diskStore(folder).records();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new Failure(`Cannot read the runs in ${join(folder, "runs")}: ${(error as Error).message}`);
  }
}

/** `null` where there is none that can be read: a report needs it for nothing but telling settings apart. */
async function readSpec(folder: string): Promise<unknown> {
  try {
    return parse(await Deno.readTextFile(join(folder, "spec.yaml")));
  } catch {
    return null;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
