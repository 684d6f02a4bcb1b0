import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The task's own command from deno.json, permissions, variables and all, so that a test sees what a user sees. */
async function commandOf(task: string): Promise<{ words: string[]; env: Record<string, string> }> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
    tasks: Record<string, string>;
  };
  const command = tasks[task] ?? tasks["exercise"]!.replace("main.ts exercise", `main.ts ${task}`);
  const words = command.trim().split(/\s+/);
  const start = words.indexOf("deno");
  const env = words.slice(0, start).map((word): [string, string] => {
    const at = word.indexOf("=");
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return { words: words.slice(start + 1), env: Object.fromEntries(env) };
}

/** Starts `deno task NAME ARGS…` without a terminal. */
export async function spawn(
  task: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const { words, env } = await commandOf(task);
  const command = words.map((part) =>
    part === "main.ts" ? `${root}main.ts` : part.replace(/^--lock=/, `--lock=${root}`)
  );
  // The child is deno itself, so that a signal reaches it and not a shell around it.
  const config = ["--config", `${root}deno.json`, "--quiet"];
  return new Deno.Command(Deno.execPath(), {
    args: [command[0]!, ...config, ...command.slice(1), ...args],
    cwd: options.cwd ?? root,
    env: { NO_COLOR: "1", ...env, ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

export async function cli(
  task: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const { code, signal, stdout, stderr } = await (await spawn(task, args, options)).output();
  return { code, signal, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
