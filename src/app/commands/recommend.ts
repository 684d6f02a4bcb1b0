import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { GOALS, TASKS } from "#advise/recommend.ts";
import type { CommandIo } from "../io.ts";

/** `recommend`: takes the facts as options, asks for the others at a terminal, answers with a spec and why. */
export function recommendCommand(io: CommandIo) {
  return new Command("recommend")
    .description(
      "Answers a few facts about a training with a schedule, and why, as a spec that `train` runs.",
    )
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .addOption(new Option("--goal <goal>", "what matters most").choices(GOALS))
    .addOption(new Option("--task <task>", "what is trained").choices(TASKS))
    .addOption(new Option("--epochs <count>", "length of the run").argParser(epochs))
    .addOption(new Option("--drops <epochs>", "for known-drops: such as 30,60,80").argParser(drops))
    .addOption(new Option("--lr <rate>", "a rate that works, such as from a range test").argParser(rate))
    .addOption(new Option("--no-ask", "never ask; what is not said takes its default"))
    .addOption(
      new Option("--format <format>", "a spec, or its parts as data").choices(["yaml", "json"]).default(
        "yaml" as const,
      ),
    )
    .addOption(new Option("--out <file>", "write there instead of to stdout"))
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
