import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { type Clock, CLOCKS } from "#spec/longer.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { TURBO_HELP } from "../session/turbo.ts";
import { parseCount, parseSeconds } from "./experiment_options.ts";

export function resumeCommand(io: CommandIo) {
  return new Command("resume")
    .description("Goes on with the experiment in a folder, as if it had never stopped.")
    .argument("<folder>", "what `train` or `exercise` wrote into")
    .addOption(
      new Option("--data-dir <dir>", "folder that holds one folder per data set (default: where they were)"),
    )
    .addOption(
      new Option("--backend <name>", "device to train on (default: the one it was begun on)")
        .choices(["auto", ...BACKENDS] as const),
    )
    .addOption(new Option("--jobs <count>", "runs at a time").argParser(parseCount))
    .addOption(new Option("--threads <count>", "threads that share each batch").argParser(parseCount))
    .addOption(new Option("--turbo", TURBO_HELP).default(false))
    .addOption(
      new Option("--checkpoint-every <seconds>", "least time between a run's checkpoints").default(30)
        .argParser(parseSeconds),
    )
    .addOption(new Option("--open", "open the report in the browser").default(false))
    .addOption(
      new Option("--format <format>", "json prints the summary alone on stdout").choices(["text", "json"])
        .default("text" as const),
    )
    .addOption(
      new Option("--verify", "prove that a run of it goes on exactly; changes nothing in it").default(false),
    )
    .addOption(new Option("--run <id>", "with --verify: which run (default: the first arm's first)"))
    .addOption(
      new Option("--steps <count>", "with --verify: steps of it (default: all)").argParser(parseSteps),
    )
    .addOption(
      new Option(
        "--duration <length>",
        "a new experiment whose runs go on from these, to this length in all; needs --then",
      ),
    )
    .addOption(
      new Option(
        "--then <word>",
        `with --duration: ${Object.entries(CLOCKS).map((entry) => entry.join(": ")).join("; ")}`,
      ).choices(Object.keys(CLOCKS) as Clock[]),
    )
    .addOption(new Option("--out <dir>", "with --duration: the new folder (default: runs/<name>-<time>)"))
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (folder, options) => {
      checkTogether(options);
      const { lengthenExperiment, resumeExperiment, verifyExperiment } = await import("./run_resume.ts");
      const { duration, then, verify } = options;
      if (verify) return await verifyExperiment(folder, options, io);
      if (duration === undefined) return await resumeExperiment(folder, options, io);
      await lengthenExperiment(folder, duration, then!, options, io);
    });
}

/** @throws {UsageError} for options that say nothing without each other. */
function checkTogether(
  { verify, duration, then, out, run, steps }: Readonly<Record<string, unknown>>,
): void {
  const stray = (wanted: string, given: Readonly<Record<string, unknown>>) => {
    const name = Object.keys(given).find((name) => given[name] !== undefined);
    if (name) throw new UsageError(`--${name} says nothing without ${wanted}`);
  };
  if (!verify) stray("--verify", { run, steps });
  if (duration === undefined) return stray("--duration", { then, out });
  if (verify) throw new UsageError("--verify proves, --duration goes on: give one of them");
  if (then !== undefined) return;
  const words = Object.entries(CLOCKS).map(([word, meaning]) => `  --then ${word.padEnd(8)} ${meaning}`);
  throw new UsageError(
    `A run of another length needs a word on what its schedule does:\n${words.join("\n")}`,
  );
}

function parseSteps(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2) {
    throw new InvalidArgumentError("Expected a whole number of steps, at least 2.");
  }
  return count;
}
