import { experiment } from "#study/experiment/study.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import type { SessionOptions } from "../session/options.ts";
import { openSession } from "../session/session.ts";
import type { ShardRequest } from "../session/shard.ts";
import { exists } from "../storage/missing.ts";
import { isWhole, type Place } from "./settings.ts";

export interface TrainRequest {
  readonly options: SessionOptions;
  /** One part of the runs of each setting; `null` for all. */
  readonly shard: ShardRequest | null;
  /** No run begins later than so many minutes from now; `null` for no end. */
  readonly minutes: number | null;
}

/** What came of a call. */
export interface Trained {
  /** True where Ctrl-C or the time ended it before its last run. */
  readonly stopped: "no" | "asked" | "time";
  /** Settings whose next stage needs runs of other shards. */
  readonly waiting: readonly string[];
  /** Settings that could not be finished, and why. */
  readonly failures: readonly string[];
}

/**
 * Trains what is missing of each setting, one after the other. A setting that fails does not keep the others from being
 * trained; one that is whole is passed by.
 *
 * @throws {UsageError} for a folder that holds another experiment, or options that do not fit.
 */
export async function trainSettings(
  places: readonly Place[],
  { options, shard, minutes }: TrainRequest,
  io: CommandIo,
): Promise<Trained> {
  const [waiting, failures] = [[] as string[], [] as string[]];
  const time = new AbortController();
  const timer = minutes === null
    ? null
    : setTimeout(() => time.abort(`The ${minutes} minutes are over`), 60_000 * minutes);
  try {
    for (const [index, place] of places.entries()) {
      if (time.signal.aborted) return { stopped: "time", waiting, failures };
      io.stderr(`Setting ${index + 1} of ${places.length}: ${place.setting.name}\n`);
      const state = await trainSetting(place, { ...options, stop: time.signal }, shard, io);
      if (state === "stopped") {
        return { stopped: time.signal.aborted ? "time" : "asked", waiting, failures };
      }
      if (state === "waiting") waiting.push(place.setting.name);
      else if (state !== "done") failures.push(state.failure);
    }
    return { stopped: "no", waiting, failures };
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

async function trainSetting(
  place: Place,
  options: SessionOptions,
  shard: ShardRequest | null,
  io: CommandIo,
): Promise<"done" | "waiting" | "stopped" | { readonly failure: string }> {
  const { setting, spec, folder } = place;
  if (await isWhole(place)) {
    io.stderr(`All runs are there, in ${folder}\n`);
    return "done";
  }
  const study = experiment({ spec, questions: [], introduction: "" });
  const session = openSession({ ...options, out: folder, resume: await exists(folder) }, io);
  try {
    if (shard !== null) {
      const { state } = await session.runShard(study, shard);
      return state === "whole" ? "done" : state;
    }
    const { interrupted } = await session.run(study);
    return interrupted ? "stopped" : "done";
  } catch (error) {
    if (!(error instanceof Failure) || error instanceof UsageError) throw error;
    io.stderr(`${error.message}\n`);
    return { failure: `${setting.name}: ${error.message}` };
  }
}
