import { Redis } from "ioredis";

/** Debian's redis-server in a folder of its own, with a password. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  readonly password: string;
  /** With the password. */
  readonly url: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with what its append-only file holds. */
  restart(): Promise<void>;
  /** A connection of the test's own; ended with the server. */
  readonly client: Redis;
}

/** @param options further lines of its configuration. */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const folder = await Deno.makeTempDir({ prefix: "redis-" });
  const port = freePort();
  const password = `pass/${crypto.randomUUID()}`;
  const config = [
    `port ${port}`,
    "bind 127.0.0.1",
    `requirepass ${password}`,
    `dir ${folder}`,
    'save ""',
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory-policy noeviction",
    "loglevel warning",
    ...options,
  ].join("\n");
  const start = async () => {
    const child = new Deno.Command("redis-server", {
      args: ["-"],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(config));
    await writer.close();
    return child;
  };
  let child = await start();
  const client = new Redis({
    host: "127.0.0.1",
    port,
    password,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on("error", () => {});
  // Resolves when it answers, also one that still loads its file.
  const ready = async () => {
    while (await client.ping().catch(() => "") !== "PONG") await new Promise((done) => setTimeout(done, 20));
  };
  await ready();
  const kill = async () => {
    child.kill("SIGKILL");
    await child.status;
  };
  return {
    port,
    password,
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    client,
    kill,
    restart: async () => {
      child = await start();
      await ready();
    },
    [Symbol.asyncDispose]: async () => {
      client.disconnect();
      await kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
