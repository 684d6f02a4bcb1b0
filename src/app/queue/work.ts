import { counted } from "#lib/numbers.ts";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { WorkerPort } from "../workers/protocol.ts";
import type { QueueAddress } from "./address.ts";
import { type Conditions, queueName } from "./conditions.ts";
import { connect } from "./connection.ts";
import { type WorkerDatasets, workerDatasets } from "./datasets.ts";
import { checkJob, RefusedJob, type RunJob } from "./job.ts";
import { PREFIX } from "./keys.ts";
import { loadBullmq } from "./packages.ts";
import { listQueue } from "./run_queue.ts";
import { runState } from "./run_state.ts";
import { LostRun } from "./entry_sender.ts";
import { openSlot, type Slot } from "./slot.ts";
import { trainJob } from "./train_job.ts";
import { announce, ANNOUNCE_MS, type Announcement, leave } from "./worker_list.ts";

export interface WorkOptions {
  readonly name: string;
  readonly conditions: Conditions;
  /** The device with 1, 2, 3 … threads a run. */
  readonly devices: Announcement["devices"];
  /** Runs at a time. */
  readonly slots: number;
  readonly dataDir: string | null;
  /** Folder that modules of custom schedules are read from; `null` refuses jobs that name any. */
  readonly modules: string | null;
  /** Silence after which another worker takes a run over. */
  readonly takeoverMs: number;
  /** Starts a thread that trains. */
  readonly spawnWorker: () => WorkerPort;
  readonly log: (text: string) => void;
}

/** A worker at its queue. */
export interface AtWork {
  /** Hands the runs in progress back, each with a checkpoint, and leaves. */
  stop(): Promise<void>;
}

/** Silence of the queue after which a worker asks it anew, in seconds. */
const DRAIN_S = 2;
/** Longest wait for a session that has to send its data set. */
const DATA_WAIT_MS = 60_000;
/** Killed workers are counted by the run's own state, which a checkpoint sets back. */
const ANY_STALLS = 2 ** 31 - 1;

/**
 * Takes runs from the queue, each trained in a thread of the lab: this loop only checks, and renews the locks of its jobs.
 *
 * @throws {Failure} where Redis does not answer.
 */
export async function work(address: QueueAddress, options: WorkOptions): Promise<AtWork> {
  const { name, conditions, devices, slots: count, modules, takeoverMs, log } = options;
  const redis = await connect(address);
  await listQueue(redis, conditions);
  const slots = Array.from(
    { length: count },
    () => openSlot(conditions.device.backend, modules ?? ".", options.spawnWorker),
  );
  const free = [...slots];
  const datasets = workerDatasets(redis, options.dataDir, DATA_WAIT_MS);
  const queue = queueName(conditions);
  const say = () =>
    announce(redis, { name, queue, conditions, devices, slots: count, running: count - free.length });
  // A name of its own: `Worker` is a thread.
  const { Worker: QueueWorker } = await loadBullmq();
  const worker = new QueueWorker<RunJob>(
    queue,
    async (job, token) => {
      const slot = free.pop()!;
      try {
        await take(job, token, { ...options, redis, slot, datasets });
      } finally {
        free.push(slot);
      }
    },
    {
      connection: redis,
      prefix: PREFIX,
      name,
      concurrency: count,
      lockDuration: takeoverMs,
      stalledInterval: takeoverMs,
      maxStalledCount: ANY_STALLS,
      drainDelay: DRAIN_S,
    },
  );
  worker.on("error", (error) => log(`Queue: ${error.message}`));
  await say();
  const saying = setInterval(() => void say().catch(() => {}), ANNOUNCE_MS);
  return {
    stop: async () => {
      clearInterval(saying);
      slots.forEach((slot) => slot.stop());
      await worker.close();
      await leave(redis, name);
      slots.forEach((slot) => slot[Symbol.dispose]());
      redis.disconnect();
    },
  };
}

interface TakeOptions extends WorkOptions {
  readonly redis: Redis;
  readonly slot: Slot;
  readonly datasets: WorkerDatasets;
}

/** Trains one job. What is thrown decides what becomes of it: refused, tried again, or left to another worker. */
async function take(
  bullJob: Job<RunJob>,
  token: string | undefined,
  { conditions, modules, redis, slot, datasets, name: worker, log }: TakeOptions,
): Promise<void> {
  const { UnrecoverableError, WaitingError } = await loadBullmq();
  let run = bullJob.id ?? "?";
  try {
    const job = checked(bullJob, { conditions, modules: modules !== null });
    run = job.plan.id;
    log(`${run}: taken, ${counted(job.plan.total_steps, "step")}, on ${job.plan.dataset.name}`);
    const state = runState(redis, bullJob.id!);
    const outcome = await trainJob(job, { slot, state, datasets, worker, log });
    if (outcome !== "stopped") {
      return log(`${run}: ${outcome === "done" ? "trained" : "was trained already"}`);
    }
    log(`${run}: handed back`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log(`${run}: ${error instanceof RefusedJob ? "refused: " : ""}${message}`);
    if (error instanceof RefusedJob) throw new UnrecoverableError(`Refused: ${message}`);
    if (!(error instanceof LostRun)) throw error;
  }
  // No failure of the run: it waits for the next worker, and counts as before.
  await bullJob.moveToWait(token);
  throw new WaitingError();
}

/** @throws {RefusedJob} for a job that cannot be trained, whoever takes it. */
function checked({ data, id }: Job<RunJob>, terms: Parameters<typeof checkJob>[2]): RunJob {
  try {
    return checkJob(data, id, terms);
  } catch (error) {
    if (error instanceof RefusedJob) throw error;
    throw new RefusedJob(`it cannot be checked (${error instanceof Error ? error.message : error})`);
  }
}
