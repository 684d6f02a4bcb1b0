import type * as bullmq from "bullmq";
import type * as ioredis from "ioredis";

/**
 * Packages that a queue alone needs, 17 MB with what they need in turn. Their names stand in variables, so that Deno
 * downloads them when a queue is first used, and not with every command that could use one.
 */
const BULLMQ = "bullmq";
const IOREDIS = "ioredis";

export async function loadBullmq(): Promise<typeof bullmq> {
  return await import(BULLMQ);
}

export async function loadIoredis(): Promise<typeof ioredis> {
  return await import(IOREDIS);
}
