import { join, resolve } from "node:path";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { Store } from "./store.ts";
import { canonicalJson } from "#lib/json.ts";
import { EVENTS } from "#results/events.ts";
import { FileError } from "#results/file.ts";
import { isFinished, plansFile, runFile } from "#results/run.ts";
import { MOST_CHECKPOINT_BYTES, readLimited } from "./read_limited.ts";
import { readRun } from "./read_run.ts";
import { readSealed, sealRun } from "./sealed_run.ts";
import { checkpointIdentity } from "./checkpoints.ts";
import { Failure, UsageError } from "../errors.ts";
import { unlessMissing } from "./missing.ts";
import type { RunCache } from "./run_cache.ts";
import { sha256 } from "../sha256.ts";
import {
  copyFiles,
  makeRunFolder,
  readBrokenOff,
  readFile,
  removeCheckpoints,
  saveFile,
} from "./run_files.ts";
import { append, writeAtomic } from "./write.ts";

export interface DiskOptions {
  /** Finds runs that other experiments have made; `null` for none. */
  readonly runCache?: RunCache | null;
  /** Folder that paths of checkpoint files are relative to; the current one where left out. */
  readonly from?: string;
  /** True for a shard's folder: each finished run ends with a list of its files, by which others know that it is whole. */
  readonly sealed?: boolean;
  /** Called with a line for each checkpoint that could not be used. */
  readonly notify?: (text: string) => void;
}

/** An experiment's folder as the design lays it out. */
export function diskStore(
  folder: string,
  { runCache = null, from = ".", sealed = false, notify = () => {} }: DiskOptions = {},
): Store {
  const file = (...parts: string[]) => join(folder, ...parts);
  const json = (data: unknown) => JSON.stringify(data, null, 2) + "\n";
  const runFolder = ({ id }: RunPlan) => file("runs", id);
  const read = async (name: string): Promise<RunRecord | null> => {
    try {
      return await readRun(file("runs", name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      if (!(error instanceof FileError)) throw error;
      throw new Failure(
        `${error.message}. Remove the folder ${file("runs", name)} to train this run again with --resume; ` +
          "the others stay as they are",
      );
    }
  };
  const writeRecord = ({ plan, provenance }: Pick<RunRecord, "plan" | "provenance">) =>
    writeAtomic(join(runFolder(plan), runFile.name), json({ version: 2, plan, provenance }));
  const begin: Store["begin"] = async (record) => {
    const own = runFolder(record.plan);
    await Deno.remove(own, { recursive: true }).catch(unlessMissing);
    await makeRunFolder(own);
    await writeAtomic(join(own, EVENTS), "");
    await writeRecord(record);
  };
  const appendEvents: Store["append"] = async (plan, events) => {
    const text = events.map((event) => JSON.stringify(event) + "\n").join("");
    await append(join(runFolder(plan), EVENTS), text);
    if (!isFinished({ events })) return;
    if (sealed) await sealRun(runFolder(plan));
    await removeCheckpoints(runFolder(plan));
  };
  return {
    writeSpec: (text) => writeAtomic(file("spec.yaml"), text),
    writePlans: (plans) => writeAtomic(file(plansFile.name), json({ version: 2, plans })),
    begin,
    append: appendEvents,
    keep: (plan, kept) => saveFile(runFolder(plan), kept),
    file: (plan, name) => readFile(runFolder(plan), name),
    startFile: async ({ path, digest }) => {
      const there = resolve(from, path);
      const bytes = await readLimited(there, MOST_CHECKPOINT_BYTES).catch((error) => {
        throw new UsageError(`Cannot start from ${there}: ${error.message}`);
      });
      if (sha256(bytes) === digest) return bytes;
      throw new UsageError(`Cannot start from ${there}: it was changed since the experiment was planned`);
    },
    brokenOff: async (plan, provenance) => {
      const identity = await checkpointIdentity(plan, provenance.device, provenance.data_digest);
      const broken = await readBrokenOff(runFolder(plan), identity, notify);
      if (!broken) return null;
      const earlier = await read(plan.id);
      if (!earlier || !samePlan(earlier.plan, plan)) {
        await writeRecord({ plan, provenance: earlier?.provenance ?? provenance });
      }
      return broken;
    },
    finished: async (plan) => {
      const own = sealed ? await readSealed(runFolder(plan)) : await read(plan.id);
      if (own && isFinished(own) && samePlan(own.plan, plan)) {
        await removeCheckpoints(runFolder(plan));
        return own;
      }
      const found = await runCache?.(plan) ?? null;
      if (!found) return null;
      const { record, folder } = found;
      await begin(record);
      await copyFiles(folder, runFolder(plan));
      await appendEvents(plan, record.events);
      return record;
    },
    records: async () => {
      const entries = await Array.fromAsync(Deno.readDir(file("runs"))).catch(unlessMissing) ?? [];
      // What file managers leave there is no run.
      const names = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
      const records = await Promise.all(names.map(read));
      return records.filter((record) => record !== null);
    },
    writeSummary: (summary) => writeAtomic(file("summary.json"), json(summary)),
    writeReport: (html) => writeAtomic(file("report.html"), html),
  };
}

/** True where two plans are the same to the last key, names among them. */
export const samePlan = (a: RunPlan, b: RunPlan) => canonicalJson(a) === canonicalJson(b);
