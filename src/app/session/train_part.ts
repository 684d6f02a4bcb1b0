import { counted } from "#lib/numbers.ts";
import { printable } from "#lib/printable.ts";
import type { RunPlan } from "#results/run.ts";
import { createSplit, type Split } from "#study/shards.ts";
import { type CommandIo, Failure } from "../io.ts";
import { type FinishedRuns, type Part, type ShardFolder } from "../storage/shards.ts";
import { createProgress, type Progress } from "../terminal/progress.ts";
import { drive, type RunStage } from "./drive.ts";
import { type OpenRuns, openRuns, seenByShards } from "./open_runs.ts";
import type { SessionOptions } from "./options.ts";
import { partStore } from "./part_store.ts";
import { stopOnSignal, type StopRequest } from "../terminal/stop_on_signal.ts";
import type { Training } from "./training.ts";

/** The outcome of one call of a shard. */
export interface ShardOutcome extends Part {
  /** Of the study. */
  readonly folder: string;
  /** Ids of the runs that this call trained, or trained on. */
  readonly trained: readonly string[];
  /** Ids of the runs of its part that were there before. */
  readonly before: readonly string[];
  /** Runs of the stage that it came to which are not finished, by the shard whose they are. */
  readonly missing: readonly MissingRuns[];
  /**
   * `whole`: all runs of the study are there. `done`: this shard has nothing more to train, whatever the others find.
   * `waiting`: it has more to train when the missing runs are there. `stopped`: its part is not done.
   */
  readonly state: "whole" | "done" | "waiting" | "stopped";
}

export interface MissingRuns {
  readonly shard: number;
  /** Ids. */
  readonly runs: readonly string[];
}

export interface PartPlace {
  /** Folder of the study. */
  readonly study: string;
  /** Of this shard; locked. */
  readonly place: ShardFolder;
  /** Runs that other shards have finished. */
  readonly others: FinishedRuns;
  readonly options: SessionOptions;
  /** Milliseconds between looks for the runs of others; `null` to end where a stage needs them. */
  readonly waitMs: number | null;
  readonly io: CommandIo;
}

/**
 * Trains a shard's runs of each stage, and goes on to the next stage when the others' are there too.
 *
 * @throws {Failure} where a run or the disk failed, after what was measured was written.
 */
export async function trainPart(training: Training<unknown>, at: PartPlace): Promise<ShardOutcome> {
  const { plan, pool, problemOf } = training;
  const { place: { shard, of, folder }, others, io } = at;
  const store = await partStore(folder, others, at.options, io.stderr);
  io.stderr(`${headlineOf(training, at.place)}\n`);
  // Each stage adds what of it is this shard's.
  const shown = await createProgress(io, { runs: 0, steps: 0 }, () => performance.now());
  const stop = stopOnSignal(() => pool.stop(), io, shown.close, at.options.stop);
  const split = createSplit(of);
  const own = (run: RunPlan) => split.shardOf(run) === shard;
  const done = { trained: new Set<string>(), before: new Set<string>() };
  const progress = ownProgress(shown, own, done);
  const runs = openRuns(training, at.options, { store, progress });
  let isLast = false;
  const { missing, failure } = await drive(plan, {
    run: partOfStage(runs, { split, own, others, progress, stop, waitMs: at.waitMs }),
    known: runs.known,
    problemOf,
    seen: (stages) => seenByShards(stages, of, runs.known),
    isStopped: () => stop.asked,
    onStage: (stage) => {
      isLast = stage.isLast;
      stage.notices.forEach(progress.notice);
      return Promise.resolve();
    },
    onDone: () => Promise.resolve(),
  });
  stop.release();
  progress.close();
  if (failure) {
    throw new Failure(`${failure.message}\nThe runs until then are saved in ${folder}`, { cause: failure });
  }
  return {
    shard,
    of,
    folder: at.study,
    trained: [...done.trained],
    before: [...done.before],
    missing: missingRuns(missing, split),
    state: stop.asked ? "stopped" : missing.length === 0 ? "whole" : isLast ? "done" : "waiting",
  };
}

/** Runs by the shard whose they are. */
export function missingRuns(runs: readonly RunPlan[], { shardOf }: Pick<Split, "shardOf">): MissingRuns[] {
  return [...Map.groupBy(runs, shardOf)].sort(([a], [b]) => a - b)
    .map(([shard, plans]) => ({ shard, runs: plans.map(({ id }) => id) }));
}

/** `4 runs of shard 2, 1 run of shard 3`. */
export function missingText(missing: readonly MissingRuns[]): string {
  return missing.map(({ shard, runs }) => `${counted(runs.length, "run")} of shard ${shard}`).join(", ");
}

interface PartOptions {
  readonly split: Split;
  readonly own: (run: RunPlan) => boolean;
  readonly others: FinishedRuns;
  readonly progress: Progress;
  readonly stop: StopRequest;
  readonly waitMs: number | null;
}

/** Trains a shard's runs of a stage; the others' are looked for, and waited for where that is asked. */
function partOfStage(
  { known, runner }: OpenRuns,
  { split, own, others, progress, stop, waitMs }: PartOptions,
): RunStage {
  return async (plans) => {
    split.add(plans);
    await others.list();
    const fresh = await known.find(plans);
    progress.more(fresh.filter(own));
    await runner.train(fresh.filter(own));
    let missing = fresh;
    for (let text = "";;) {
      await others.list();
      missing = await known.find(missing);
      if (missing.length === 0 || waitMs === null || stop.asked) return missing;
      const now = `Waiting for ${missingText(missingRuns(missing, split))}`;
      if (now !== text) progress.notice(now);
      text = now;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

/** The progress of a shard's own runs, and the ids of those that were trained, or there before. */
function ownProgress(
  shown: Progress,
  own: (run: RunPlan) => boolean,
  done: { readonly trained: Set<string>; readonly before: Set<string> },
): Progress {
  return {
    ...shown,
    events: (run, events) => {
      done.trained.add(run.id);
      shown.events(run, events);
    },
    known: (run, record) => {
      if (record && own(run)) done.before.add(run.id);
    },
  };
}

/** `Shard 2 of 3 of NAME: 12 runs in all, 2 at a time, on WASM (why), into FOLDER`. */
function headlineOf(
  { facts, plan, jobs, pool, why }: Training<unknown>,
  { shard, of, folder }: ShardFolder,
): string {
  return `Shard ${shard} of ${of} of ${
    printable(facts.spec.name)
  } (in all ${plan.headline}), ${jobs} at a time, on ${pool.device.name}${
    why && ` (${why})`
  }, into ${folder}`;
}
