import { isIP } from "node:net";
import type { Redis, RedisOptions } from "ioredis";
import { Failure, UsageError } from "../errors.ts";
import { type QueueAddress, redacted } from "./address.ts";
import { loadIoredis } from "./packages.ts";

/** Silence of Redis after which a connection that waits for an answer counts as cut. */
const SILENCE_MS = 20_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;

/** Options of every connection to a queue's Redis: commands wait for one that was cut, however long that takes. */
function redisOptions(address: QueueAddress): RedisOptions {
  const { host, name, port, db, tls, username, password } = address;
  return {
    host,
    port,
    db,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls && { tls: isIP(name) ? {} : { servername: name } }),
    maxRetriesPerRequest: null,
    socketTimeout: SILENCE_MS,
    retryStrategy: (times) => Math.min(FIRST_RETRY_MS * times, LAST_RETRY_MS),
    lazyConnect: true,
  };
}

/**
 * Connects to a queue's Redis.
 *
 * @throws {UsageError} where this process may not reach it.
 * @throws {Failure} where it does not answer, or refuses the password; the message has neither user nor password.
 */
export async function connect(address: QueueAddress): Promise<Redis> {
  await allowNet(address);
  const { Redis } = await loadIoredis();
  const redis = new Redis(redisOptions(address));
  let last: Error | null = null;
  // Also keeps ioredis from printing it: it connects again by itself.
  redis.on("error", (error: Error) => last = error);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new Failure(reason(address, last ?? error as Error));
  }
}

/** Another connection like this one, for commands that wait. */
export function another(redis: Redis): Redis {
  const copy = redis.duplicate({ lazyConnect: false });
  copy.on("error", () => {});
  return copy;
}

/**
 * Asks for the net where there is a terminal to ask. The plain tasks, which are granted this machine's own address alone,
 * are refused wherever Redis is: Deno would write the queue's packages into their lock file.
 *
 * @throws {UsageError} where the net is not granted.
 */
async function allowNet({ host, port, shown }: QueueAddress): Promise<void> {
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (!await isPlainTask()) {
    const { state } = await Deno.permissions.request({ name: "net", host: name });
    if (state === "granted") return;
  }
  const command = Deno.args[0] ?? "train";
  throw new UsageError(
    `Cannot use the queue at ${shown}: this task has neither the net nor the queue's packages. ` +
      `Run \`deno task queue ${command} …\` with the same options, which has both`,
  );
}

async function isPlainTask(): Promise<boolean> {
  const [all, own] = await Promise.all([
    Deno.permissions.query({ name: "net" }),
    Deno.permissions.query({ name: "net", host: "127.0.0.1" }),
  ]);
  return all.state !== "granted" && own.state === "granted";
}

function reason(address: QueueAddress, error: Error & { code?: string }): string {
  const { shown } = address;
  const text = redacted(address, error.message);
  if (/^(NOAUTH|WRONGPASS)|invalid username-password|AUTH/.test(text)) {
    return `Cannot use the queue at ${shown}: Redis refuses the password`;
  }
  if (error.code === "ECONNREFUSED") {
    return `Cannot reach ${shown}: nothing answers there. Is Redis running, and does it listen on that address?`;
  }
  return `Cannot reach ${shown}: ${text}`;
}
