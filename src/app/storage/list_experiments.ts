import { join } from "node:path";
import type { IndexEntry } from "#report/compose/index.ts";
import { Failure, UsageError } from "../errors.ts";
import { isFile } from "./missing.ts";
import { readSummary } from "./read_experiment.ts";
import { readOtherResult } from "./read_others.ts";
import { shardFolders } from "./shards.ts";

/**
 * Every folder in a folder of experiments, by name; what cannot be read is listed with what is wrong. Names that begin
 * with a dot are left out.
 *
 * @throws {UsageError} where there is no such folder.
 */
export async function listExperiments(folder: string): Promise<IndexEntry[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    throw new UsageError(`Cannot list the experiments in ${folder}: ${(error as Error).message}`);
  }
  return await Promise.all(names.sort().map((name) => entryOf(folder, name)));
}

async function entryOf(parent: string, folder: string): Promise<IndexEntry> {
  const path = join(parent, folder);
  try {
    const hasReport = await isFile(join(path, "report.html"));
    const result = await readOtherResult(path);
    if (result !== null) return { kind: "other", folder, hasReport, result };
    return { kind: "experiment", folder, hasReport, summary: await readSummary(path) };
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof Failure)) throw error;
    return { kind: "broken", folder, wrong: await reason(path, error) };
  }
}

async function reason(path: string, error: Error): Promise<string> {
  if (await isFile(join(path, "summary.json"))) return error.message;
  if ((await shardFolders(path)).length > 0) {
    return `It holds shards: \`deno task report ${path}\` joins them`;
  }
  return await isFile(join(path, "spec.yaml"))
    ? "It has no summary.json: the experiment is still running, or was ended before it could write one. " +
      "The same command with --resume continues it"
    : "It is no experiment: it has neither summary.json nor spec.yaml";
}
