import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { GOALS, TASKS } from "#advise/recommend.ts";
import type { CommandIo } from "../io.ts";

/** `recommend`: takes the facts as options, asks for the others at a terminal, prints a spec with its reasons. */
export function recommendCommand(io: CommandIo) {
  return new Command("recommend")
    .description(
      "Recommends a schedule for a training run and explains why; prints a spec that `train` runs.",
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .addOption(new Option("--goal <goal>", "what matters most").choices(GOALS))
    .addOption(new Option("--task <task>", "the kind of model or task").choices(TASKS))
    .addOption(new Option("--epochs <count>", "length of the run in epochs").argParser(epochs))
    .addOption(
      new Option(
        "--drops <epochs>",
        "for --goal known-drops: epochs at which the rate drops, such as 30,60,80",
      ).argParser(drops),
    )
    .addOption(
      new Option("--lr <rate>", "a rate that is known to work, such as from a range test").argParser(rate),
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
    .addOption(new Option("--out <file>", "write to this file instead of stdout"))
    .action(async (options) => {
      const { factsFrom, recommend } = await import("./schedule/recommend.ts");
      const text = recommend(await factsFrom(options, io), options.format);
      if (options.out === undefined) return io.stdout(text);
      await io.writeTextAtomic(options.out, text);
      io.stderr(`wrote ${options.out}\n`);
    });
}

function epochs(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError("expected a whole number from 1 to 100000");
}

function rate(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("expected a number above 0");
}

function drops(text: string): number[] {
  const values = text.split(",").map(Number);
  if (values.every((value) => Number.isSafeInteger(value) && value >= 1)) return values;
  throw new InvalidArgumentError("expected epochs, such as 30,60,80");
}
