import type { CommandIo } from "../io.ts";
import { experimentCommand } from "./experiment_options.ts";

export function trainCommand(io: CommandIo) {
  return experimentCommand("train")
    .description("Runs an experiment of your own: every arm with every seed, and a report.")
    .argument("<spec>", "YAML file; see the README")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (file, options) => {
      const text = await io.readText(file);
      const { runFromText } = await import("./run_experiment.ts");
      await runFromText(
        {
          file,
          text,
          defaultProfile: null,
          questions: [],
          introduction: "",
          exercise: null,
          command: `train ${file}`,
        },
        options,
        io,
      );
    });
}
