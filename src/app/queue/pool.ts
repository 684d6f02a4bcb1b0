import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { counted } from "#lib/numbers.ts";
import type { DeadLetter } from "#results/provenance.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { TrainingData } from "#train/data.ts";
import { type Pool, type PoolListener, WorkerFailure } from "../workers/pool.ts";
import type { QueueAddress } from "./address.ts";
import type { Chosen, Wanted } from "./choose_workers.ts";
import { another, connect } from "./connection.ts";
import { offerDatasets } from "./datasets.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { firstWorkers } from "./first_workers.ts";
import type { RunJob } from "./job.ts";
import { listQueue, openRunQueue } from "./run_queue.ts";
import { workersOf } from "./worker_list.ts";

export interface QueuePoolOptions {
  readonly wanted: Wanted;
  readonly data: TrainingData;
  /** Most runs in the queue at a time; `null` for as many as keep its workers busy. */
  readonly most: number | null;
  /** True where finished runs of before are trained again. */
  readonly fresh: boolean;
  readonly notify: (text: string) => void;
}

/** Runs in the queue for each that can be trained at a time: a worker that is done finds the next one waiting. */
const AHEAD = 3;
const LEAST_OPEN = 8;
/** Time between two looks at the workers and at runs without news. */
const LOOK_MS = 2000;
const STOP_MS = 3000;

interface OpenPool extends QueuePoolOptions {
  readonly address: QueueAddress;
  readonly redis: Redis;
  /** For commands that wait. */
  readonly waiting: Redis;
  readonly chosen: Chosen;
  readonly queue: Queue<RunJob>;
  readonly stop: AbortSignal;
  readonly dead: DeadLetter[];
  /** As of the last look. */
  readonly workers: { count: number; slots: number };
}

/**
 * The workers of a queue, as a session sees them: it puts runs into Redis and takes what comes back.
 *
 * @throws {UsageError} where this process may not reach Redis.
 * @throws {Failure} where Redis does not answer.
 * @throws {WorkerFailure} where no worker that can train the study comes.
 */
export async function openQueuePool(address: QueueAddress, options: QueuePoolOptions): Promise<Pool> {
  using owned = new DisposableStack();
  const redis = owned.adopt(await connect(address), disconnect);
  const waiting = owned.adopt(another(redis), disconnect);
  const chosen = await firstWorkers(redis, address, options);
  const queue = await openRunQueue(redis, chosen.conditions);
  const stop = new AbortController();
  const dead: DeadLetter[] = [];
  const workers = { count: 0, slots: chosen.slots };
  const pool = { ...options, address, redis, waiting, chosen, queue, stop: stop.signal, dead, workers };
  const connections = owned.move();
  return {
    device: { ...chosen.device, why: "" },
    size: chosen.slots,
    dead,
    stop: () => stop.abort(),
    run: (plans, listener, checkpointMs) => runAll(pool, plans, listener, checkpointMs),
    [Symbol.dispose]: () => connections.dispose(),
  };
}

/** Resolves when every run has come back, or the pool was stopped. @throws {WorkerFailure} where workers gave runs up. */
async function runAll(
  pool: OpenPool,
  plans: readonly RunPlan[],
  listener: PoolListener,
  checkpointMs: number | null,
): Promise<void> {
  const { redis, waiting, queue, chosen, stop, fresh } = pool;
  await listQueue(redis, chosen.conditions);
  const terms = termsOf(pool, checkpointMs);
  const dispatch = createDispatch({ redis, waiting, queue, listener, terms, fresh });
  using _outages = followOutages(pool, dispatch, listener);
  const stopped = Promise.withResolvers<void>();
  const onStop = () => stopped.resolve();
  stop.addEventListener("abort", onStop);
  if (stop.aborted) onStop();
  try {
    await Promise.race([feed(pool, dispatch, plans, listener), stopped.promise]);
    if (stop.aborted) await withdrawn(dispatch, listener.onNotice);
  } finally {
    stop.removeEventListener("abort", onStop);
    pool.dead.push(...dispatch.dead);
  }
  if (dispatch.dead.length > 0) throw givenUp(dispatch.dead);
}

/** Keeps the queue filled, and takes what comes back. */
async function feed(
  pool: OpenPool,
  dispatch: Dispatch,
  plans: readonly RunPlan[],
  listener: PoolListener,
): Promise<void> {
  const { stop, workers } = pool;
  const left = [...plans];
  let looked = -Infinity;
  while (!stop.aborted && (left.length > 0 || dispatch.open > 0)) {
    if (performance.now() - looked > LOOK_MS) {
      looked = performance.now();
      await look(pool, dispatch, listener);
    }
    const most = pool.most ?? Math.max(LEAST_OPEN, AHEAD * workers.slots);
    while (!stop.aborted && left.length > 0 && dispatch.open < most) await dispatch.add(left.shift()!);
    await dispatch.read();
  }
}

/** Counts the workers, and looks for runs without news. */
async function look(pool: OpenPool, dispatch: Dispatch, listener: PoolListener): Promise<void> {
  const { redis, queue, workers, address, data } = pool;
  const those = (await workersOf(redis)).filter(({ queue: name }) => name === queue.name);
  const slots = those.reduce((sum, each) => sum + each.slots, 0);
  if (those.length !== workers.count) listener.onNotice?.(workersText(address, those.length, slots));
  Object.assign(workers, { count: those.length, slots });
  await offerDatasets(redis, data);
  await dispatch.look();
}

/** Reports when Redis goes away, and reads all logs again when it is back, until it is disposed of. */
function followOutages(
  { waiting, address }: OpenPool,
  dispatch: Dispatch,
  listener: PoolListener,
): Disposable {
  let isAway = false;
  const away = () => {
    if (!isAway) listener.onNotice?.(`The queue at ${address.shown} is away; waiting for it`);
    isAway = true;
  };
  const back = () => {
    if (isAway) listener.onNotice?.(`The queue at ${address.shown} is back`);
    isAway = false;
    dispatch.rewind();
  };
  waiting.on("close", away).on("ready", back);
  return { [Symbol.dispose]: () => void waiting.off("close", away).off("ready", back) };
}

function termsOf({ data, chosen, wanted }: OpenPool, checkpointMs: number | null): Omit<RunJob, "plan"> {
  return {
    version: 1,
    data_digest: data.digest,
    device: chosen.device,
    threads: chosen.threads,
    commit: wanted.commit,
    versions: wanted.versions,
    checkpoint_ms: checkpointMs,
  };
}

const disconnect = (redis: Redis) => redis.disconnect();

/** Takes back what nobody has begun; Redis may be away by then. */
async function withdrawn(dispatch: Dispatch, notice: ((text: string) => void) | undefined): Promise<void> {
  const late = new Promise<void>((resolve) => Deno.unrefTimer(setTimeout(resolve, STOP_MS)));
  await Promise.race([dispatch.withdraw(), late]);
  if (dispatch.open > 0) {
    notice?.(
      "Runs in progress go on at their workers; --resume with the same --queue takes what they measured",
    );
  }
}

function workersText({ shown }: QueueAddress, workers: number, slots: number): string {
  if (workers === 0) return `No worker is left at ${shown}; the runs wait for one`;
  return `${counted(workers, "worker")} at ${shown}, ${counted(slots, "run")} at a time`;
}

function givenUp(dead: readonly DeadLetter[]): WorkerFailure {
  const lines = dead.map(({ run, attempts, reason }) => `  ${run}, begun ${attempts} times: ${reason}`);
  return new WorkerFailure(
    `${dead.length} ${dead.length === 1 ? "run was" : "runs were"} given up by the workers:\n${
      lines.join("\n")
    }`,
  );
}
