/** A process that ran for so long at most. */
export interface Limited {
  /** `done`, also where it ended itself when it was asked to. */
  readonly outcome: "done" | "failed" | "out of time";
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** After it is asked to end, before it is killed. */
const GRACE_MS = 20_000;

/**
 * Runs a program; at its limit it gets SIGTERM, 20 s later SIGKILL. `stopsWell`: true for one that answers SIGTERM with all
 * that it has, which then is as good as its end.
 */
export async function runLimited(
  { command, args, env = {}, cwd }: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd: string;
  },
  { seconds, stopsWell = false }: { readonly seconds: number; readonly stopsWell?: boolean },
): Promise<Limited> {
  const began = performance.now();
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env, NO_COLOR: "1" },
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let asked = false;
  let killed = false;
  const ask = setTimeout(() => {
    asked = true;
    child.kill("SIGTERM");
  }, 1000 * seconds);
  const kill = setTimeout(() => {
    killed = true;
    child.kill("SIGKILL");
  }, 1000 * seconds + GRACE_MS);
  try {
    const { success, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    const ended = asked && stopsWell && !killed && stdout.length > 0;
    return {
      outcome: ended || (success && !asked) ? "done" : asked ? "out of time" : "failed",
      seconds: (performance.now() - began) / 1000,
      stdout: text.decode(stdout),
      stderr: text.decode(stderr),
    };
  } finally {
    clearTimeout(ask);
    clearTimeout(kill);
  }
}
