import { TURBO_FLAGS } from "#compute/wasm/device.ts";

/** What `--turbo` says in every command that has it. */
export const TURBO_HELP =
  "V8 flags for faster WASM: all of it in this process then runs without bounds checks";

/**
 * Starts this program again with V8's turbo flags and the same arguments, streams and terminal; its exit code.
 * V8 takes such flags only at the start of a process. Needs `--allow-run`.
 */
export async function relaunchTurbo(permissions: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, Deno.mainModule, ...Deno.args],
    env: { DENO_V8_FLAGS: TURBO_FLAGS.join(",") },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return (await child.status).code;
}
