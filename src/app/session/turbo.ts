import config from "../../../deno.json" with { type: "json" };
import { isTurbo, TURBO_FLAGS } from "#compute/wasm/device.ts";
import { Exited, Failure } from "../errors.ts";

/**
 * Starts this program again with V8's turbo flags, where `--turbo` asks for them and it lacks them.
 *
 * @returns whether another process did the work.
 */
export async function relaunchedTurbo({ turbo }: { readonly turbo: boolean }): Promise<boolean> {
  if (!turbo || isTurbo()) return false;
  await relaunchTurbo();
  return true;
}

/** Description of `--turbo` in every command that has it. */
export const TURBO_HELP = "faster WASM by V8 flags: all WASM in this process then runs without bounds checks";

/**
 * Starts this program again with V8's turbo flags and the same arguments, permissions, streams and terminal, since V8
 * takes such flags only at the start of a process. Needs the permission to run `deno`.
 *
 * @throws {Exited} with the exit code of the other process, unless that is 0.
 * @throws {Failure} where it cannot be started.
 */
export async function relaunchTurbo(): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("deno", {
      args: ["run", ...permissions(), Deno.mainModule, ...Deno.args],
      env: { DENO_V8_FLAGS: TURBO_FLAGS.join(",") },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    throw new Failure(
      `Cannot start again for --turbo: ${(error as Error).message}. Set DENO_V8_FLAGS=${
        TURBO_FLAGS.join(",")
      } instead`,
    );
  }
  // A terminal sends Ctrl-C to both processes; this one waits for what the other makes of it.
  const forward = !Deno.stdin.isTerminal();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => forward && child.kill(signal));
  const { code } = await child.status;
  if (code !== 0) throw new Exited(code);
}

/** Permissions that the task of this command grants. */
function permissions(): string[] {
  const tasks = config.tasks as Readonly<Record<string, string>>;
  return (tasks[Deno.args[0] ?? ""] ?? "").split(" ").filter((word) => word.startsWith("--allow-"));
}
