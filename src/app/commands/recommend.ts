import { Option } from "@commander-js/extra-typings";
import { GOALS, TASKS } from "#advise/facts.ts";
import type { CommandIo } from "../io.ts";
import { newCommand } from "./command.ts";
import { textOutOption } from "./options.ts";
import { write } from "../terminal/output.ts";
import { parseEpochs, parseRate, wholeNumber } from "./parsers.ts";

/** `recommend`: takes the facts as options, asks for the others at a terminal, prints a spec with its reasons. */
export function recommendCommand(io: CommandIo) {
  return newCommand("recommend", io)
    .description(
      "Recommends a schedule for a training run and explains why; prints a spec that `train` runs.",
    )
    .addOption(new Option("--goal <goal>", "what matters most").choices(GOALS))
    .addOption(new Option("--task <task>", "the kind of model or task").choices(TASKS))
    .addOption(
      new Option("--epochs <count>", "length of the run in epochs").argParser(wholeNumber(1, 100_000)),
    )
    .addOption(
      new Option(
        "--drops <epochs>",
        "for --goal known-drops: epochs at which the rate drops, such as 30,60,80",
      ).argParser(parseEpochs),
    )
    .addOption(
      new Option("--lr <rate>", "a rate that is known to work, such as from a range test").argParser(
        parseRate,
      ),
    )
    .addOption(new Option("--no-ask", "do not ask questions; missing options take their defaults"))
    .addOption(
      new Option("--format <format>", "a spec (yaml), or the recommendation as data (json)").choices([
        "yaml",
        "json",
      ]).default(
        "yaml" as const,
      ),
    )
    .addOption(textOutOption())
    .action(async (options) => {
      const { factsFrom, recommend } = await import("./schedule/recommend.ts");
      const text = recommend(await factsFrom(options, io), options.format);
      await write(text, options.out, io);
    });
}
