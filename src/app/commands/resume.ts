import { Command, Option } from "@commander-js/extra-typings";
import { BACKENDS } from "#compute/device.ts";
import { type CommandIo } from "../io.ts";
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
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (folder, options) => {
      const { resumeExperiment } = await import("./run_resume.ts");
      await resumeExperiment(folder, options, io);
    });
}
