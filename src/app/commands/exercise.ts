import { suggest } from "#lib/nearest.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { experimentCommand } from "./experiment_options.ts";
import { EXERCISES, THEORY } from "#exercises/catalog.ts";

export function exerciseCommand(io: CommandIo) {
  return experimentCommand("exercise")
    .description("Runs an exercise and writes its report.")
    .argument(
      "<number>",
      [[THEORY.number, THEORY] as const, ...Object.entries(EXERCISES)]
        .map(([number, { title }]) => `${number}: ${title}`).join("; "),
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (number, options) => {
      if (number === THEORY.number) {
        const { runTheoryCommand } = await import("./run_theory.ts");
        return await runTheoryCommand(options, io);
      }
      const entry = Object.hasOwn(EXERCISES, number) ? EXERCISES[number] : undefined;
      if (!entry) {
        throw new UsageError(
          `Unknown exercise ${JSON.stringify(number)}; ${
            suggest(number, [THEORY.number, ...Object.keys(EXERCISES)])
          }`,
        );
      }
      const exercise = await entry.load();
      const { runFromText } = await import("./run_experiment.ts");
      await runFromText(
        {
          file: entry.file,
          text: exercise.spec,
          defaultProfile: "quick",
          questions: exercise.questions,
          introduction: exercise.introduction,
          exercise: number,
          command: `exercise ${number}`,
        },
        options,
        io,
      );
    });
}
