import type { Redis } from "ioredis";
import type { DeadLetter } from "#results/provenance.ts";
import type { TrainingData } from "#train/data.ts";
import { type Pool, WorkerFailure } from "../workers/pool.ts";
import type { QueueAddress } from "./address.ts";
import { chooseWorkers, type Chosen, misfits, type Wanted } from "./choose_workers.ts";
import { another, connect } from "./connection.ts";
import { offerDatasets } from "./datasets.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
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
/** Longest wait for a first worker. */
const WORKER_WAIT_MS = 600_000;
const STOP_MS = 3000;

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
  const { wanted, data } = options;
  const { commit, versions } = wanted;
  const stop = Promise.withResolvers<void>();
  let isStopped = false;
  const dead: DeadLetter[] = [];
  let slots = chosen.slots;
  let workers = 0;
  let isAway = false;
  const connections = owned.move();
  return {
    device: { ...chosen.device, why: "" },
    size: chosen.slots,
    dead,
    stop: () => {
      isStopped = true;
      stop.resolve();
    },
    run: async (plans, listener, checkpointMs) => {
      await listQueue(redis, chosen.conditions);
      const terms = {
        version: 1 as const,
        data_digest: data.digest,
        device: chosen.device,
        threads: chosen.threads,
        commit,
        versions,
        checkpoint_ms: checkpointMs,
      };
      const dispatch = createDispatch({ redis, waiting, queue, listener, terms, fresh: options.fresh });
      const left = [...plans];
      let looked = -Infinity;
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
      const look = async () => {
        looked = performance.now();
        const those = (await workersOf(redis)).filter(({ queue: name }) => name === queue.name);
        slots = those.reduce((sum, each) => sum + each.slots, 0);
        if (those.length !== workers) listener.onNotice?.(workersText(address, those.length, slots));
        workers = those.length;
        await offerDatasets(redis, data);
        await dispatch.look();
      };
      const work = async () => {
        while (!isStopped && (left.length > 0 || dispatch.open > 0)) {
          if (performance.now() - looked > LOOK_MS) await look();
          const most = options.most ?? Math.max(LEAST_OPEN, AHEAD * slots);
          while (!isStopped && left.length > 0 && dispatch.open < most) await dispatch.add(left.shift()!);
          await dispatch.read();
        }
      };
      try {
        await Promise.race([work(), stop.promise]);
        if (isStopped) await withdrawn(dispatch, listener.onNotice);
      } finally {
        waiting.off("close", away).off("ready", back);
        dead.push(...dispatch.dead);
      }
      if (dispatch.dead.length > 0) throw givenUp(dispatch.dead);
    },
    [Symbol.dispose]: () => connections.dispose(),
  };
}

const disconnect = (redis: Redis) => redis.disconnect();

/** Waits for workers that can train the study. */
async function firstWorkers(
  redis: Redis,
  address: QueueAddress,
  { wanted, notify }: QueuePoolOptions,
): Promise<Chosen> {
  const until = performance.now() + WORKER_WAIT_MS;
  let shown: string | null = null;
  while (performance.now() < until) {
    const workers = await workersOf(redis);
    const chosen = chooseWorkers(workers, wanted);
    if (chosen !== null) return chosen;
    const problem = misfits(workers, wanted);
    if (problem !== shown) {
      notify(
        `Waiting for a worker${problem}. On each machine that is to train: deno task worker --queue ${address.shown}\n`,
      );
    }
    shown = problem;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new WorkerFailure(
    `No worker for this study came to ${address.shown} within ${WORKER_WAIT_MS / 60_000} minutes${
      shown ?? ""
    }`,
  );
}

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
  return `${workers} ${workers === 1 ? "worker" : "workers"} at ${shown}, ${slots} ${
    slots === 1 ? "run" : "runs"
  } at a time`;
}

function givenUp(dead: readonly DeadLetter[]): WorkerFailure {
  const lines = dead.map(({ run, attempts, reason }) => `  ${run}, begun ${attempts} times: ${reason}`);
  return new WorkerFailure(
    `${dead.length} ${dead.length === 1 ? "run was" : "runs were"} given up by the workers:\n${
      lines.join("\n")
    }`,
  );
}
