import { isTurbo, TURBO_FLAGS } from "#compute/wasm/device.ts";
import { UsageError } from "../errors.ts";

/** Description of `--turbo` in every command that has it. */
export const TURBO_HELP =
  "assert that this process has V8's turbo flags, as `deno task turbo COMMAND` sets them: faster WASM, all of it " +
  "without bounds checks";

/**
 * V8 takes such flags only at the start of a process, and a process that trains may not start others.
 *
 * @param task the task that starts one with the flags, with the command's arguments to follow.
 * @throws {UsageError} where `--turbo` asks for flags that this process was not started with.
 */
export function requireTurbo(
  { turbo }: { readonly turbo: boolean },
  task = ["turbo", ...Deno.args.slice(0, 1)].join(" "),
): void {
  if (!turbo || isTurbo()) return;
  throw new UsageError(
    `Cannot take --turbo: V8 takes its flags only when a process starts. Run \`deno task ${task} …\` with the same ` +
      `options, or set DENO_V8_FLAGS=${TURBO_FLAGS.join(",")}`,
  );
}
