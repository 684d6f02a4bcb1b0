import { join } from "node:path";
import { parse } from "yaml";
import { runKey } from "#spec/run_key.ts";
import type { Experiment } from "#study/compare_experiments.ts";
import { plansFile, type RunRecord } from "#results/run.ts";
import { type Summary, summaryFile } from "#results/summary.ts";
import { diskStore } from "./disk.ts";
import { Failure, UsageError } from "../errors.ts";
import { isOther, readOtherResult } from "./read_others.ts";
import { checked, readJson, readResult } from "./read_result.ts";

/**
 * The contents of an experiment's folder: summary, runs and spec. Runs and spec may be missing.
 *
 * @throws {UsageError} where the folder holds no summary that this version of the lab wrote.
 * @throws {Failure} where a file of the runs cannot be read.
 */
export async function readExperiment(folder: string): Promise<Experiment> {
  const summary = await readSummary(folder);
  const records = await withShared(folder, await readRecords(folder));
  return { folder, summary, records, spec: await readSpec(folder) };
}

/** Arms that came to the same run have it once on disk: each of its plans gets the record. */
async function withShared(folder: string, records: readonly RunRecord[]): Promise<RunRecord[]> {
  const listed = await readResult(folder, plansFile);
  const ids = new Set(records.map(({ plan }) => plan.id));
  const byKey = new Map(records.map((record) => [runKey(record.plan), record]));
  const shared = (listed?.plans ?? []).filter(({ id }) => !ids.has(id)).flatMap((plan) => {
    const record = byKey.get(runKey(plan));
    return record === undefined ? [] : [{ ...record, plan }];
  });
  return [...records, ...shared];
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
  return checked(path, found, summaryFile);
}

/** Every run that is there; none where their folder is gone, and the report then has no curves. */
async function readRecords(folder: string): Promise<RunRecord[]> {
  try {
    return await diskStore(folder).records();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Failure) throw error;
    throw new Failure(`Cannot read the runs in ${join(folder, "runs")}: ${(error as Error).message}`);
  }
}

/** `null` where there is none that can be read: a report needs it only to distinguish settings. */
async function readSpec(folder: string): Promise<unknown> {
  try {
    return parse(await Deno.readTextFile(join(folder, "spec.yaml")));
  } catch {
    return null;
  }
}
