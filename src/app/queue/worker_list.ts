import type { Redis } from "ioredis";
import { z } from "zod";
import { device } from "#results/provenance.ts";
import { conditionsSchema } from "./conditions.ts";
import { WORKERS } from "./keys.ts";

/** Time between two words of a worker. */
export const ANNOUNCE_MS = 2000;
/** A worker that was silent for so long counts as gone. */
const GONE_MS = 15_000;
/** It is forgotten after this. */
const FORGET_MS = 3600_000;

const announcement = z.strictObject({
  at: z.number(),
  name: z.string().max(200),
  queue: z.string().max(200),
  conditions: conditionsSchema,
  /** The device as it calls itself with 1, 2, 3 … threads a run. */
  devices: z.array(device.omit({ why: true })).min(1).max(256),
  /** Runs at a time. */
  slots: z.int().min(1).max(256),
  /** Runs in progress. */
  running: z.int().min(0).max(256),
});
export type Announcement = Omit<z.output<typeof announcement>, "at">;

/** Says that a worker is there; to be said again every {@link ANNOUNCE_MS}. */
export async function announce(redis: Redis, worker: Announcement): Promise<void> {
  await redis.hset(WORKERS, worker.name, JSON.stringify({ ...worker, at: await now(redis) }));
}

export async function leave(redis: Redis, name: string): Promise<void> {
  await redis.hdel(WORKERS, name);
}

/** The workers that are there, by name. Words that no worker of the lab says are left out. */
export async function workersOf(redis: Redis): Promise<Announcement[]> {
  const time = await now(redis);
  const all = await redis.hgetall(WORKERS);
  const found: Announcement[] = [];
  for (const [name, text] of Object.entries(all)) {
    const worker = read(text);
    const age = worker === null ? Infinity : time - worker.at;
    if (age > FORGET_MS) await redis.hdel(WORKERS, name);
    if (worker !== null && age <= GONE_MS) found.push(worker);
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function read(text: string): z.output<typeof announcement> | null {
  try {
    return announcement.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Redis' own time in milliseconds: clocks of machines differ. */
async function now(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return 1000 * Number(seconds) + Number(microseconds) / 1000;
}
