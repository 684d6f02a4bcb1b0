import { join } from "node:path";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { endOf } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";
import { recordsIn } from "#trackers/tensorboard/records.ts";
import { encodeEvents, openingOf, wallTimesOf } from "#trackers/tensorboard/run_events.ts";
import { unlessMissing } from "./missing.ts";
import { append, writeAtomic } from "./write.ts";

/** The runs of an experiment as event files, one folder a run, each with one file. */
export interface TensorboardLog {
  /** Begins a run's file, in place of what the run had. */
  begin(record: Omit<RunRecord, "events">): Promise<void>;
  /** Adds events, at the time of the call. */
  append(plan: RunPlan, events: readonly TrainEvent[]): Promise<void>;
  /** Goes back to the first events of a run, with the times that they had. */
  rewind(record: RunRecord): Promise<void>;
  /** Writes a finished run, unless its file is whole. */
  finished(record: RunRecord): Promise<void>;
}

/** @param now in milliseconds since 1970. */
export function tensorboardLog(folder: string, now: () => number = Date.now): TensorboardLog {
  /** The file of each run that this log has begun. */
  const files = new Map<string, string>();
  const write = async (record: RunRecord) => {
    const path = await rewriteRun(folder, record, now() / 1000);
    files.set(record.plan.id, path);
  };
  return {
    begin: (record) => write({ ...record, events: [] }),
    append: async ({ id }, events) => {
      const time = now() / 1000;
      await append(files.get(id)!, encodeEvents(events, () => time));
    },
    rewind: write,
    finished: async (record) => {
      const { times } = await readLog(join(folder, record.plan.id));
      if (times.length !== record.events.length) await write(record);
    },
  };
}

/**
 * A run's folder with one event file, written anew: readers that follow the one before find a newer name. Times are
 * those of the file before where it has them, else those that the record allows to tell.
 *
 * @param nowS seconds since 1970, for the file's name.
 * @returns the file's path.
 */
export async function rewriteRun(folder: string, record: RunRecord, nowS: number): Promise<string> {
  const own = join(folder, record.plan.id);
  await Deno.mkdir(own, { recursive: true });
  const { names, times } = await readLog(own);
  const estimated = timesOf(record);
  const bytes = [
    ...[openingOf(record.plan, beginOf(record))],
    encodeEvents(record.events, (index) => times[index] ?? estimated(record.events[index]!.step)),
  ];
  // The newest name is the one that readers go on to.
  const newest = Math.max(0, ...names.map((name) => Number(NAME.exec(name)![1])));
  const second = Math.max(Math.floor(nowS), newest + 1);
  const path = join(own, `events.out.tfevents.${String(second).padStart(10, "0")}.lr-lab`);
  await writeAtomic(path, new Uint8Array(await new Blob(bytes).arrayBuffer()));
  for (const name of names) await Deno.remove(join(own, name)).catch(unlessMissing);
  return path;
}

/** Files of the lab alone: those of other programs stay. */
const NAME = /^events\.out\.tfevents\.(\d{10,12})\.lr-lab$/;

/** Names of a run's event files, and the wall times of the newest one's events. */
async function readLog(own: string): Promise<{ names: string[]; times: number[] }> {
  const entries = await Array.fromAsync(Deno.readDir(own)).catch(unlessMissing) ?? [];
  const names = entries.map(({ name }) => name).filter((name) => NAME.test(name)).sort();
  const newest = names.at(-1);
  return {
    names,
    times: newest === undefined ? [] : wallTimesOf(recordsIn(await Deno.readFile(join(own, newest)))),
  };
}

/** Seconds since 1970. */
function beginOf({ provenance }: Pick<RunRecord, "provenance">): number {
  const at = Date.parse(provenance.at) / 1000;
  return Number.isFinite(at) ? at : 0;
}

/** Events have no clock: a step's time is the run's begin and the mean time of its steps. */
function timesOf(record: RunRecord): (step: number) => number {
  const begin = beginOf(record);
  const perStepS = (endOf(record)?.ms_per_step ?? 0) / 1000;
  const first = record.plan.first_step ?? 0;
  return (step) => begin + (step - first) * perStepS;
}
