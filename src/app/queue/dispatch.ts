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

/** The runs of a session with what it takes to follow them. */
interface InQueue extends DispatchOptions {
  /** By the key of its log. */
  readonly runs: Map<string, OpenRun>;
  readonly dead: DeadLetter[];
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const all: InQueue = { ...options, runs: new Map(), dead: [] };
  const { runs, dead, queue } = all;
  return {
    get open() {
      return runs.size;
    },
    dead,
    add: (plan) => add(all, plan),
    read: () => read(all),
    look: async () => {
      const quiet = [...runs.values()].filter(({ lastNews }) => performance.now() - lastNews > QUIET_MS);
      await Promise.all(quiet.map((run) => lookFor(all, run)));
    },
    rewind: () => runs.forEach(({ reader }) => reader.rewind()),
    withdraw: async () => {
      for (const { id } of runs.values()) {
        // One that a worker has in its hands is locked, and goes on there.
        await queue.remove(id).catch(() => {});
      }
    },
  };
}

async function add({ redis, queue, listener, terms, fresh, runs }: InQueue, plan: RunPlan): Promise<void> {
  const start = await listener.startOf(plan);
  const job: RunJob = { ...terms, plan };
  const id = jobId(job);
  const state = runState(redis, id);
  if (fresh) await forget(queue, id, state);
  await put(queue, { id, job, state, start });
  const known = start?.own ? (await readCheckpoint(start.bytes)).events : 0;
  const reader = openRunReader({ plan, state, known, listener });
  const lastNews = performance.now();
  runs.set(state.keys.log, { id, job, state, reader, start, lastNews, isSuspect: false });
}

async function put(
  queue: Queue<RunJob>,
  { id, job, state, start }: Pick<OpenRun, "id" | "job" | "state" | "start">,
): Promise<void> {
  if (await state.seed(job.plan.total_steps, await beginningOf(start))) return;
  const old = await queue.getJob(id);
  if (old && ["failed", "completed"].includes(await old.getState())) {
    await old.remove();
    await state.retry();
  }
  await queue.add(JOB, job, { jobId: id });
}

/** Removes a run that is over, with its result. */
async function forget(queue: Queue<RunJob>, id: string, state: RunState): Promise<void> {
  const job = await queue.getJob(id);
  const isOver = job === undefined || ["failed", "completed"].includes(await job.getState());
  if (!isOver) return;
  await job?.remove();
  await state.remove();
}

async function read(all: InQueue): Promise<void> {
  const { runs, waiting } = all;
  if (runs.size === 0) return;
  const keys = [...runs.keys()];
  const cursors = keys.map((key) => runs.get(key)!.reader.cursor);
  const found = await waiting.xread("COUNT", ENTRIES, "BLOCK", BLOCK_MS, "STREAMS", ...keys, ...cursors);
  for (const [key, entries] of found ?? []) await take(all, runs.get(key)!, entries);
}

async function take(
  all: InQueue,
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
      if (run.isSuspect) await startAgain(all, run, error.message);
      run.isSuspect = true;
      run.reader.rewind();
      return;
    }
    if (!run.reader.isDone) continue;
    all.runs.delete(run.state.keys.log);
    await run.state.expire(COLLECTED_KEEP_S);
    return;
  }
}

/** Deals with a run that nothing was heard of, by its state. */
async function lookFor(all: InQueue, run: OpenRun): Promise<void> {
  const { queue, runs, dead } = all;
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
    if (run.reader.cursor === "0") await startAgain(all, run, "its log has no end");
    else run.reader.rewind();
  } else if (state === "unknown") await put(queue, run);
  run.lastNews = performance.now();
}

/** Trains a run again whose entries cannot be used, from the last event that this session has. */
async function startAgain({ queue, listener }: InQueue, run: OpenRun, why: string): Promise<void> {
  listener.onNotice?.(`Run ${run.reader.plan.id} is trained again: ${why}`);
  await queue.remove(run.id).catch(() => {});
  await run.state.remove();
  run.reader.rewind();
  await put(queue, run);
}

async function beginningOf(start: RunStart | null): Promise<Beginning | null> {
  if (start === null) return null;
  if (!start.own) return { kind: "start", bytes: start.bytes };
  const { step, events } = await readCheckpoint(start.bytes);
  return { kind: "checkpoint", bytes: start.bytes, step, events };
}
