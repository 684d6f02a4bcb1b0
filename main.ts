import type { Command } from "commander";
import { suggest } from "./src/lib/nearest.ts";
import { type CommandIo, denoIo, Exited, Interrupted, UsageError } from "./src/app/io.ts";

interface CommandEntry {
  readonly summary: string;
  /** Exit code of every error, where a command's other codes say something else; 1 and 2 if not given. */
  readonly errorCode?: number;
  /** Loaded only when the command is used, so that start-up stays short. */
  load(): Promise<(io: CommandIo) => Command>;
}

/** Every command. A new one is one module and one entry. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  exercise: {
    summary: "run an exercise and write its report",
    load: async () => (await import("./src/app/commands/exercise.ts")).exerciseCommand as never,
  },
  train: {
    summary: "run an experiment of your own from a spec",
    load: async () => (await import("./src/app/commands/train.ts")).trainCommand as never,
  },
  resume: {
    summary: "resume an experiment, prove that resuming is exact, or make it longer",
    load: async () => (await import("./src/app/commands/resume.ts")).resumeCommand as never,
  },
  "range-test": {
    summary: "suggest a learning rate, with an interval, and try it",
    load: async () => (await import("./src/app/commands/lr_range.ts")).rangeTestCommand as never,
  },
  worker: {
    summary: "train the runs that others put into a queue",
    load: async () => (await import("./src/app/commands/worker.ts")).workerCommand as never,
  },
  queue: {
    summary: "show a queue, or let a command that trains reach one on another machine",
    load: async () => (await import("./src/app/commands/queue.ts")).queueCommand as never,
  },
  sweep: {
    summary: "try values of any keys of a spec, and show the best region",
    load: async () => (await import("./src/app/commands/sweep.ts")).sweepCommand as never,
  },
  schedule: {
    summary: "show, compare, check or emit a schedule without training",
    load: async () => (await import("./src/app/commands/schedule.ts")).scheduleCommand as never,
  },
  refine: {
    summary: "refine a schedule from the gradient norms of a run",
    load: async () => (await import("./src/app/commands/next_schedule.ts")).refineCommand as never,
  },
  predict: {
    summary: "predict the loss curve of a schedule from curves that were recorded",
    load: async () => (await import("./src/app/commands/next_schedule.ts")).predictCommand as never,
  },
  recommend: {
    summary: "recommend a schedule for a training run, and explain why",
    load: async () => (await import("./src/app/commands/recommend.ts")).recommendCommand as never,
  },
  audit: {
    summary: "say what is wrong with the learning rates that a run logged",
    errorCode: 4,
    load: async () => (await import("./src/app/commands/audit.ts")).auditCommand as never,
  },
  report: {
    summary: "build a report again, compare experiments, or list them",
    load: async () => (await import("./src/app/commands/report.ts")).reportCommand as never,
  },
  judge: {
    summary: "say whether runs that any tool logged really differ",
    errorCode: 4,
    load: async () => (await import("./src/app/commands/judge.ts")).judgeCommand as never,
  },
  claims: {
    summary: "set common claims about schedules against the exercises' records",
    load: async () => (await import("./src/app/commands/claims.ts")).claimsCommand as never,
  },
  figures: {
    summary: "save each figure of a report as a picture",
    load: async () => (await import("./src/app/commands/figures.ts")).figuresCommand as never,
  },
  notebooks: {
    summary: "run the exercises' notebooks in Jupyter, without a window",
    load: async () => (await import("./src/app/commands/notebooks.ts")).notebooksCommand as never,
  },
  data: {
    summary: "list, get and verify data sets",
    load: async () => (await import("./src/app/commands/data.ts")).dataCommand as never,
  },
  doctor: {
    summary: "show devices, versions and data sets of this machine",
    load: async () => (await import("./src/app/commands/doctor.ts")).doctorCommand as never,
  },
  bench: {
    summary: "measure speed on this machine",
    load: async () => (await import("./src/app/commands/bench.ts")).benchCommand as never,
  },
};

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
    await command.exitOverride().parseAsync(rest, { from: "user" });
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
