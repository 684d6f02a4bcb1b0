import { counted } from "#lib/numbers.ts";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { printable } from "#lib/printable.ts";
import type { QueueAddress } from "./address.ts";
import { type Conditions, conditionsSchema, conditionsText } from "./conditions.ts";
import { connect } from "./connection.ts";
import type { RunJob } from "./job.ts";
import { QUEUES, runKeys } from "./keys.ts";
import { openRunQueue } from "./run_queue.ts";
import { workersOf } from "./worker_list.ts";

export { queueAddress } from "./address.ts";

/** A queue's state as `queue status` prints it. */
export interface QueueStatus {
  readonly address: string;
  readonly workers: readonly {
    readonly name: string;
    readonly device: string;
    readonly slots: number;
    readonly running: number;
  }[];
  readonly queues: readonly RunsStatus[];
}

/** The runs under the same conditions. */
export interface RunsStatus {
  readonly name: string;
  readonly conditions: string;
  readonly waiting: number;
  /** Waiting for their next attempt. */
  readonly delayed: number;
  readonly done: number;
  readonly active: readonly {
    readonly run: string;
    readonly worker: string;
    readonly step: number;
    readonly steps: number;
  }[];
  readonly dead_letters: readonly {
    readonly run: string;
    readonly attempts: number;
    readonly reason: string;
  }[];
}

/** Runs of a list that are shown. */
const MOST_SHOWN = 100;

/** @throws {Failure} where Redis does not answer. */
export async function queueStatus(address: QueueAddress): Promise<QueueStatus> {
  const redis = await connect(address);
  try {
    const queues = [];
    for (const text of Object.values(await redis.hgetall(QUEUES)).sort()) {
      const read = conditionsSchema.safeParse(JSON.parse(text));
      if (read.success) queues.push(await runsStatus(redis, read.data));
    }
    const workers = (await workersOf(redis)).map(({ name, conditions, slots, running }) => ({
      name,
      device: conditions.device.name,
      slots,
      running,
    }));
    return { address: address.shown, workers, queues };
  } finally {
    redis.disconnect();
  }
}

async function runsStatus(redis: Redis, conditions: Conditions): Promise<RunsStatus> {
  const queue = await openRunQueue(redis, conditions);
  const { waiting = 0, delayed = 0, completed = 0 } = await queue.getJobCounts(
    "waiting",
    "delayed",
    "completed",
  );
  const active = await queue.getActive(0, MOST_SHOWN - 1);
  const failed = await queue.getFailed(0, MOST_SHOWN - 1);
  return {
    name: queue.name,
    conditions: conditionsText(conditions),
    waiting,
    delayed,
    done: completed,
    active: await Promise.all(active.map((job) => progressOf(redis, job))),
    dead_letters: failed.map((job) => ({
      run: nameOf(job),
      attempts: job.attemptsStarted,
      reason: job.failedReason,
    })),
  };
}

async function progressOf(redis: Redis, job: Job<RunJob>): Promise<RunsStatus["active"][number]> {
  const [step, total, worker] = await redis.hmget(runKeys(job.id!).state, "step", "total", "worker");
  return { run: nameOf(job), worker: worker ?? "?", step: Number(step ?? 0), steps: Number(total ?? 0) };
}

/** A job may be anything: only what a worker checks is known to be a run. */
function nameOf({ data, id }: Job<RunJob>): string {
  const name: unknown = data?.plan?.id;
  return typeof name === "string" ? name.slice(0, 200) : id ?? "?";
}

/** The same as text. */
export function statusText({ address, workers, queues }: QueueStatus): string {
  const lines = [
    `Queue ${address}: ${counted(workers.length, "worker")}`,
    ...workers.map(({ name, device, slots, running }) =>
      `  ${name}: ${running} of ${slots} runs, on ${device}`
    ),
    ...queues.flatMap(({ conditions, waiting, delayed, done, active, dead_letters }) => [
      `Runs on ${conditions}: ${waiting} waiting, ${active.length} in progress, ${done} done` +
      `${delayed > 0 ? `, ${delayed} to be tried again` : ""}, ${dead_letters.length} given up`,
      ...active.map(({ run, worker, step, steps }) => `  ${run}: step ${step} of ${steps}, at ${worker}`),
      ...dead_letters.map(({ run, attempts, reason }) =>
        `  ${run}: given up after ${attempts} attempts: ${reason}`
      ),
    ]),
  ];
  return lines.map((line) => printable(line) + "\n").join("");
}
