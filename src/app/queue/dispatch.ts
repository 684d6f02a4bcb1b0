import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { DeadLetter } from "#results/provenance.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import type { PoolListener } from "../workers/pool.ts";
import type { RunStart } from "../workers/protocol.ts";
import { jobId, type RunJob } from "./job.ts";
import { COLLECTED_KEEP_S } from "./keys.ts";
import { JOB } from "./run_queue.ts";
import { EntryError, openRunReader, type RunReader } from "./run_reader.ts";
import { type Beginning, type RunState, runState } from "./run_state.ts";

/** Longest wait for news of all open runs. */
const BLOCK_MS = 250;
/** Entries of a run that are read at a time. */
const ENTRIES = 64;
/** A run without news for so long is looked for in the queue. */
const QUIET_MS = 2000;

/** A run that was put into the queue and has not come back whole. */
export interface OpenRun {
  readonly id: string;
  readonly job: RunJob;
  readonly state: RunState;
  readonly reader: RunReader;
  readonly start: RunStart | null;
  lastNews: number;
  /** True where its log was read again since an entry could not be used. */
  isSuspect: boolean;
}

/** The runs of a session that are in the queue. */
export interface Dispatch {
  /** Runs that have not come back. */
  readonly open: number;
  /** Runs that workers have given up. */
  readonly dead: readonly DeadLetter[];
  /** Puts a run into the queue, or joins it where it is there already. */
  add(plan: RunPlan): Promise<void>;
  /** Reads what came in, waiting a little for something. */
  read(): Promise<void>;
  /** Looks for runs without news: given up, or lost by Redis. */
  look(): Promise<void>;
  /** Reads every log again, after Redis was away. */
  rewind(): void;
  /** Takes those back that no worker has begun. */
  withdraw(): Promise<void>;
}

export interface DispatchOptions {
  readonly redis: Redis;
  /** For commands that wait. */
  readonly waiting: Redis;
  readonly queue: Queue<RunJob>;
  readonly listener: PoolListener;
  /** A job without its plan. */
  readonly terms: Omit<RunJob, "plan">;
  /** True where finished runs of before are trained again. */
  readonly fresh: boolean;
}

export function createDispatch({ redis, waiting, queue, listener, terms, fresh }: DispatchOptions): Dispatch {
  /** By the key of its log. */
  const runs = new Map<string, OpenRun>();
  const dead: DeadLetter[] = [];

  const put = async ({ id, job, state, start }: Pick<OpenRun, "id" | "job" | "state" | "start">) => {
    if (await state.seed(job.plan.total_steps, await beginningOf(start))) return;
    const old = await queue.getJob(id);
    if (old && ["failed", "completed"].includes(await old.getState())) {
      await old.remove();
      await state.retry();
    }
    await queue.add(JOB, job, { jobId: id });
  };
  const forget = async (id: string, state: RunState) => {
    const job = await queue.getJob(id);
    const isOver = job === undefined || ["failed", "completed"].includes(await job.getState());
    if (!isOver) return;
    await job?.remove();
    await state.remove();
  };

  return {
    get open() {
      return runs.size;
    },
    dead,
    add: async (plan) => {
      const start = await listener.startOf(plan);
      const job: RunJob = { ...terms, plan };
      const id = jobId(job);
      const state = runState(redis, id);
      if (fresh) await forget(id, state);
      await put({ id, job, state, start });
      const known = start?.own ? (await readCheckpoint(start.bytes)).events : 0;
      const reader = openRunReader({ plan, state, known, listener });
      const lastNews = performance.now();
      runs.set(state.keys.log, { id, job, state, reader, start, lastNews, isSuspect: false });
    },
    read: async () => {
      if (runs.size === 0) return;
      const keys = [...runs.keys()];
      const cursors = keys.map((key) => runs.get(key)!.reader.cursor);
      const found = await waiting.xread("COUNT", ENTRIES, "BLOCK", BLOCK_MS, "STREAMS", ...keys, ...cursors);
      for (const [key, entries] of found ?? []) await take(runs.get(key)!, entries);
    },
    look: async () => {
      const quiet = [...runs.values()].filter(({ lastNews }) => performance.now() - lastNews > QUIET_MS);
      await Promise.all(quiet.map(lookFor));
    },
    rewind: () => runs.forEach(({ reader }) => reader.rewind()),
    withdraw: async () => {
      for (const { id } of runs.values()) {
        // One that a worker has in its hands is locked, and goes on there.
        await queue.remove(id).catch(() => {});
      }
    },
  };

  async function take(
    run: OpenRun,
    entries: readonly [id: string, fields: readonly string[]][],
  ): Promise<void> {
    run.lastNews = performance.now();
    for (const [id, fields] of entries) {
      const field = (name: string) => fields[fields.indexOf(name) + 1] ?? "";
      try {
        await run.reader.entry(id, field("kind"), field("body"));
      } catch (error) {
        if (!(error instanceof EntryError)) throw error;
        if (run.isSuspect) await startAgain(run, error.message);
        run.isSuspect = true;
        run.reader.rewind();
        return;
      }
      if (!run.reader.isDone) continue;
      runs.delete(run.state.keys.log);
      await run.state.expire(COLLECTED_KEEP_S);
      return;
    }
  }

  /** The state of a run that nothing was heard of. */
  async function lookFor(run: OpenRun): Promise<void> {
    const state = await queue.getJobState(run.id);
    if (state === "failed") {
      const job = await queue.getJob(run.id);
      dead.push({
        run: run.reader.plan.id,
        attempts: job?.attemptsStarted ?? 0,
        reason: job?.failedReason ?? "the queue does not say why",
      });
      runs.delete(run.state.keys.log);
    } else if (state === "completed") {
      // All was written before it was completed, so that it can be read, or Redis has lost a part of it.
      if (run.reader.cursor === "0") await startAgain(run, "its log has no end");
      else run.reader.rewind();
    } else if (state === "unknown") await put(run);
    run.lastNews = performance.now();
  }

  /** What is in the queue cannot be used: it is trained again, from the last event that this session has. */
  async function startAgain(run: OpenRun, why: string): Promise<void> {
    listener.onNotice?.(`Run ${run.reader.plan.id} is trained again: ${why}`);
    await queue.remove(run.id).catch(() => {});
    await run.state.remove();
    run.reader.rewind();
    await put(run);
  }
}

async function beginningOf(start: RunStart | null): Promise<Beginning | null> {
  if (start === null) return null;
  if (!start.own) return { kind: "start", bytes: start.bytes };
  const { step, events } = await readCheckpoint(start.bytes);
  return { kind: "checkpoint", bytes: start.bytes, step, events };
}
