import { dirname } from "node:path";
import type { CommandIo } from "../io.ts";
import { requireTurbo } from "../machine/turbo.ts";
import { ownInvocation } from "./command_line.ts";
import { trainingCommand } from "./study_options.ts";

/** `train`: an experiment of one's own. */
export function trainCommand(io: CommandIo) {
  return trainingCommand("train", "<name>-<time>", io)
    .description("Runs an experiment of your own, every arm with every seed, and writes its report.")
    .argument("<spec>", "spec of the experiment: a YAML file, described in docs/spec.md")
    .action(async (file, options) => {
      requireTurbo(options);
      const { experiment, runStudy, studySpec } = await import("./study_modules.ts");
      const spec = studySpec({ file, text: await io.readText(file) }, options);
      const study = experiment({ spec, questions: [], introduction: "" });
      await runStudy(study, ownInvocation(dirname(file)), options, io);
    });
}
