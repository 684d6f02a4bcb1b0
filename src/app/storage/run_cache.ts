import { dirname, join, resolve } from "node:path";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { endOf, isFinished, runFile } from "#results/run.ts";
import { runKey } from "#spec/plan.ts";
import { exists } from "./missing.ts";
import { readRun } from "./read_run.ts";

/** A run that was made elsewhere. */
export interface CachedRun {
  readonly record: RunRecord;
  /** The folder of its files. */
  readonly folder: string;
}

/** Finds a run that has been made already, elsewhere; `null` where there is none. */
export type RunCache = (plan: RunPlan) => Promise<CachedRun | null>;

/**
 * The finished runs of the experiments beside a folder. A run is taken for the same only where its plan, data, device,
 * versions and the lab's commit are the same, so that training it again would give the same bits. Another run of the
 * very same spec gives nothing, nor does a copy of it: whoever repeats an experiment wants it repeated.
 *
 * @param earlier the experiment that this one starts from, wherever it lies.
 */
export function openRunCache(
  folder: string,
  specText: string,
  provenance: RunRecord["provenance"],
  earlier: string | null = null,
): RunCache {
  let index: Promise<Map<string, string[]>> | null = null;
  return async (plan) => {
    index ??= indexRuns(folder, specText, provenance, earlier);
    for (const path of (await index).get(runKey(plan)) ?? []) {
      const found = await readNeighbour(path);
      if (found === null) continue;
      const { provenance: before, events } = found;
      const tested = events.some((event) => event.kind === "eval" && event.split === "test");
      if (!isFinished({ events }) || plan.read_test !== tested) continue;
      if (plan.keep_end && endOf({ events })?.reason === "budget" && !await hasEnd(path)) continue;
      return { record: { plan, provenance: { ...before, reused_from: path }, events }, folder: path };
    }
    return null;
  };
}

async function indexRuns(
  folder: string,
  specText: string,
  provenance: RunRecord["provenance"],
  earlier: string | null,
): Promise<Map<string, string[]>> {
  const index = new Map<string, string[]>();
  const wanted = conditions(provenance);
  const beside = await folders(dirname(resolve(folder)));
  for (const experiment of new Set([...earlier === null ? [] : [resolve(earlier)], ...beside])) {
    const spec = await Deno.readTextFile(join(experiment, "spec.yaml")).catch(() => null);
    if (experiment === resolve(folder) || spec === null || spec === specText) continue;
    for (const run of await folders(join(experiment, "runs"))) {
      const text = await Deno.readTextFile(join(run, runFile.name)).catch(() => null);
      const record = text === null ? null : recordOf(text, run);
      if (record === null || record.provenance.reused_from || conditions(record.provenance) !== wanted) {
        continue;
      }
      const key = runKey(record.plan);
      index.set(key, [...index.get(key) ?? [], run]);
    }
  }
  return index;
}

/** A run of another experiment; `null` where it is damaged, which is not this experiment's to mend. */
async function readNeighbour(path: string): Promise<RunRecord | null> {
  return await readRun(path).catch(() => null);
}

/** True where the run has a saved end that others can start from. */
function hasEnd(path: string): Promise<boolean> {
  return exists(join(path, "end.safetensors"));
}

function conditions({ device, data_digest, commit, versions }: RunRecord["provenance"]): string {
  return JSON.stringify([device.backend, device.name, device.detail, data_digest, commit, versions]);
}

/** `null` for what is no record of the lab: another program's file of the same name, or a damaged one. */
function recordOf(text: string, path: string): Omit<RunRecord, "events"> | null {
  try {
    return runFile.read(text, path);
  } catch {
    return null;
  }
}

async function folders(parent: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(parent)).catch(() => []);
  return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => join(parent, name)).sort();
}
