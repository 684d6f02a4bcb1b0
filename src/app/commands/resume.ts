import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { TURBO_HELP } from "../turbo.ts";
import { parseCount, parseSeconds } from "./experiment_options.ts";

export function resumeCommand(io: CommandIo) {
  return new Command("resume")
    .description("Goes on with the experiment in a folder, as if it had never stopped.")
    .argument("<folder>", "what `train` or `exercise` wrote into")
    .addOption(new Option("--data-dir <dir>", "folder that holds one folder per data set (default: data)"))
    .addOption(
      new Option("--backend <name>", "device to train on").choices(["auto", ...BACKENDS]).default(
        "auto" as const,
      ),
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
      new Option("--steps <count>", "with --verify: updates of it (default: all)").argParser(parseUpdates),
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (folder, options) => {
      const only = (["run", "steps"] as const).find((name) => options[name] !== undefined);
      if (only && !options.verify) throw new UsageError(`--${only} says what to verify: add --verify`);
      const { resumeExperiment, verifyExperiment } = await import("./run_resume.ts");
      await (options.verify ? verifyExperiment : resumeExperiment)(folder, options, io);
    });
}

function parseUpdates(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2) {
    throw new InvalidArgumentError("Expected a whole number of updates, at least 2.");
  }
  return count;
}
