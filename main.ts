import { suggest } from "./src/lib/nearest.ts";
import { COMMANDS } from "./src/app/commands/catalog.ts";
import { type CommandIo, denoIo, Exited, Interrupted, UsageError } from "./src/app/io.ts";

const HELP = `LR Lab: what a learning-rate schedule changes, with evidence.

Usage: deno task COMMAND [options]

${Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`).join("\n")}

  deno task exercise 1            the first exercise, on built-in data
  deno task COMMAND --help        the options of a command
  --debug                         shows the stack of an error
`;

/** Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted; commands that answer a question say theirs in their help. */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const debug = args.includes("--debug");
  const [name, ...rest] = args.filter((argument) => argument !== "--debug");
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    io.stdout(HELP);
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (!entry) {
      throw new UsageError(
        `Unknown command ${JSON.stringify(name)}; ${suggest(name, Object.keys(COMMANDS))}`,
      );
    }
    const command = (await entry.load())(io);
    await command.parseAsync(rest, { from: "user" });
    return 0;
  } catch (error) {
    const code = report(error, io, debug);
    const isError = !(error instanceof Exited || error instanceof Interrupted) && code !== 0;
    return isError ? entry?.errorCode ?? code : code;
  }
}

/** One clear message on stderr; a stack trace only for --debug. */
function report(error: unknown, io: CommandIo, debug: boolean): number {
  if (!(error instanceof Error)) {
    io.stderr(`${error}\n`);
    return 1;
  }
  // Commander has already printed what it has to say.
  if ("exitCode" in error && "code" in error && String(error.code).startsWith("commander.")) {
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof Interrupted) return 130;
  if (error instanceof Exited) return error.code;
  io.stderr(`${debug ? error.stack : explained(error)}\n`);
  return error instanceof UsageError || error.name === "SpecError" ? 2 : 1;
}

/** Errors whose message is complete as it is. */
const PLAIN = [
  "UsageError",
  "Failure",
  "SpecError",
  "DataError",
  "WorkerFailure",
  "TuningFailure",
  "TrackerError",
];

function explained(error: Error): string {
  if (PLAIN.includes(error.name)) return error.message;
  if (error instanceof Deno.errors.NotCapable) {
    return `${error.message}; the tasks in deno.json grant what each command needs`;
  }
  return `${error.message} (run with --debug to see where this came from)`;
}

/** Options of commands that train which need the net. */
const NET_OPTIONS = ["--serve", "--queue"];
/** Other commands that need it. */
const NET_COMMANDS = ["data", "worker", "queue"];

/**
 * The tasks that train may use loopback, for the live page and a queue on this machine. Without either they give that back
 * before anything is loaded, and with a page alone as soon as it listens.
 */
export async function giveBackNet([name = "", ...options]: readonly string[]): Promise<void> {
  const isAsked = options.some((option) => NET_OPTIONS.includes(option.split("=", 1)[0]!));
  if (!NET_COMMANDS.includes(name) && !isAsked) await Deno.permissions.revoke({ name: "net" });
}

if (import.meta.main) {
  await giveBackNet(Deno.args);
  const code = await main(Deno.args, denoIo());
  // Commands end what they start; a signal listener or worker that is left must not keep the process.
  Deno.exit(code);
}
