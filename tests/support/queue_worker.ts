import { spawn } from "./cli.ts";

/** A worker's process. */
export interface TestWorker extends AsyncDisposable {
  readonly pid: number;
  /** Everything that it has printed. */
  log(): string;
  /** Resolves when its log matches. @throws {Error} where it ended before. */
  says(pattern: RegExp): Promise<void>;
  /** SIGKILL, as a crash; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number>;
}

/** Starts `deno task worker`, one run at a time, which takes over after a second of silence. */
export async function startWorker(
  url: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<TestWorker> {
  const all = ["--queue", url, "--jobs", "1", "--backend", "wasm", "--takeover", "1", ...args];
  const child = await spawn("worker", all, { env });
  let text = "";
  let isOver = false;
  const wakers = new Set<() => void>();
  const reading = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      wakers.forEach((wake) => wake());
    }
    isOver = true;
    wakers.forEach((wake) => wake());
  })();
  const silent = child.stdout.pipeTo(new WritableStream());
  const ended = async () => {
    const { code } = await child.status;
    await Promise.all([reading, silent]);
    return code;
  };
  const signal = (name: Deno.Signal) => {
    try {
      child.kill(name);
    } catch (error) {
      // It had ended.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  return {
    pid: child.pid,
    log: () => text,
    says: async (pattern) => {
      while (!pattern.test(text)) {
        if (isOver) throw new Error(`The worker ended: ${text}`);
        await new Promise<void>((resolve) => wakers.add(resolve));
      }
    },
    kill: async () => {
      signal("SIGKILL");
      await ended();
    },
    stop: () => {
      signal("SIGTERM");
      return ended();
    },
    [Symbol.asyncDispose]: async () => {
      signal("SIGKILL");
      await ended();
    },
  };
}
