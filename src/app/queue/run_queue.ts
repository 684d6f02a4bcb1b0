import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { canonicalJson } from "#lib/json.ts";
import { type Conditions, queueName } from "./conditions.ts";
import { MOST_JOB_BYTES, type RunJob } from "./job.ts";
import { KEEP_S, PREFIX, QUEUES } from "./keys.ts";
import { loadBullmq } from "./packages.ts";

/** Name of every job; the queue has one kind. */
export const JOB = "run";

/** Attempts of a job whose run fails, the first included; a killed worker's are not counted here. */
const ATTEMPTS = 3;
const FIRST_RETRY_MS = 1000;
/** Seconds for which the list of dead letters remembers a job. */
const DEAD_KEEP_S = 30 * 24 * 3600;

/** The queue of runs under the same conditions, as a session sees it. */
export async function openRunQueue(redis: Redis, conditions: Conditions): Promise<Queue<RunJob>> {
  const { Queue } = await loadBullmq();
  const queue = new Queue<RunJob>(queueName(conditions), {
    connection: redis,
    prefix: PREFIX,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: "exponential", delay: FIRST_RETRY_MS },
      sizeLimit: MOST_JOB_BYTES,
      removeOnComplete: { age: KEEP_S },
      removeOnFail: { age: DEAD_KEEP_S },
    },
  });
  // BullMQ connects again by itself; what goes wrong with a command is its caller's.
  queue.on("error", () => {});
  return queue;
}

/** Puts the queue's name among those that `queue status` lists. */
export async function listQueue(redis: Redis, conditions: Conditions): Promise<void> {
  await redis.hset(QUEUES, queueName(conditions), canonicalJson(conditions));
}
