import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Experiment } from "#lab/across.ts";
import type { RunRecord } from "#lab/record.ts";
import type { Summary } from "#lab/summary.ts";
import { diskStore } from "./disk.ts";
import { Failure, UsageError } from "./errors.ts";
import type { TheorySummary } from "#theory/summary.ts";
import { summarySchema } from "./summary_schema.ts";
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

/**
 * The summary of an experiment that trained.
 *
 * @throws {UsageError} as of {@link readAnySummary}, and for the folder of exercise 0.
 */
export async function readSummary(folder: string): Promise<Summary> {
  const summary = await readAnySummary(folder);
  if (!isTheory(summary)) return summary;
  throw new UsageError(`Cannot use ${folder} beside others: exercise 0 trained nothing; name it alone`);
}

export function isTheory(summary: Summary | TheorySummary): summary is TheorySummary {
  return "kind" in summary && summary.kind === "theory";
}

/**
 * The summary in a folder, of an experiment or of exercise 0.
 *
 * @throws {UsageError} where the folder holds no summary that this version of the lab wrote.
 */
export async function readAnySummary(folder: string): Promise<Summary | TheorySummary> {
  const path = join(folder, "summary.json");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (isAbsent(error)) {
      throw new UsageError(
        `Cannot build a report of ${folder}: it has no summary.json. Name the folder of an experiment: ` +
          "the one that --out named, or one in runs/",
      );
    }
    throw new Failure(`Cannot read ${path}: ${(error as Error).message}`);
  }
  let found: { version?: unknown; kind?: unknown } | null;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
  if (found?.version !== 1) {
    throw new UsageError(`Cannot use ${path}: it is not a summary of version 1, as this lab writes`);
  }
  const checked = (found.kind === "theory" ? theorySummarySchema : summarySchema).safeParse(found);
  if (checked.success) return found as unknown as Summary | TheorySummary;
  const { path: place, message } = checked.error.issues[0]!;
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
