import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { RunShape } from "#lib/duration.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { type Arms, MOST_STEPS, runShape } from "./schedule/facts.ts";

const FRAMEWORKS = ["pytorch", "keras", "optax", "transformers"] as const;
const FORMATS = ["chart", "json", "csv", "html"] as const;
const YES_NO = ["yes", "no"] as const;

/** `schedule`: shows, compares, checks or emits schedules. Nothing of a model, and no tfjs, is loaded. */
export function scheduleCommand(io: CommandIo) {
  return withCheckOptions(withSources(new Command("schedule")))
    .description("Shows, compares, checks or emits schedules, without a model and without training.")
    .addHelpText("after", EXAMPLES)
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .action(async (options) => {
      const parts = await import("./schedule/run_command.ts");
      parts.exclusive(options);
      if (options.list) return await parts.list(options, io);
      const arms = await readArms(options, io);
      if (arms === "preset") return await parts.printPreset(options.preset!, options.out, io);
      const shape: RunShape = runShape(arms, options);
      if (options.emit !== undefined) return await parts.emit(arms, shape, options.emit, options.out, io);
      if (options.dialect) return await parts.dialect(arms, shape, options, io);
      if (options.check) return await parts.check(arms, shape, options, io);
      await parts.show(arms, shape, options, io);
    });
}

/** Options that say which schedules, over which run, and what to do with them. */
const withSources = (command: Command) =>
  command
    .addOption(
      new Option("--spec <json>", "a schedule; several are overlaid")
        .argParser((text: string, before: string[] | undefined) => [...before ?? [], text]),
    )
    .addOption(
      new Option("--file <yaml>", "a file with one schedule, or with a spec, whose arms are overlaid"),
    )
    .addOption(
      new Option("--preset <name>", "a preset: prints its spec, or is shown in the --format asked for"),
    )
    .addOption(new Option("--list", "every schedule with its parameters, and every preset").default(false))
    .addOption(
      new Option(
        "--steps <count>",
        "steps in the run (default: from the file, else 1000 or the longest duration)",
      )
        .argParser(count),
    )
    .addOption(
      new Option("--steps-per-epoch <count>", "steps in an epoch (default: from the file, else 100)")
        .argParser(count),
    )
    .addOption(new Option("--format <format>", "chart in the terminal, numbers, or a page").choices(FORMATS))
    .addOption(new Option("--out <file>", "write there instead of to stdout"))
    .addOption(new Option("--emit <framework>", "the same schedule as code").choices(FRAMEWORKS))
    .addOption(
      new Option("--dialect", "where frameworks give other rates for what looks the same").default(false),
    )
    .addOption(new Option("--check", "what is questionable about it in this run").default(false));

/** What `--check` may be told about a run that no file describes. */
const withCheckOptions = (command: ReturnType<typeof withSources>) =>
  command
    .addOption(new Option("--strict", "with --check: exit code 1 where there is a warning").default(false))
    .addOption(new Option("--optimizer <name>", "for --check: what steps the weights"))
    .addOption(
      new Option("--clip-norm <norm>", "for --check: bound on the gradient's norm, or none").argParser(
        clipNorm,
      ),
    )
    .addOption(
      new Option("--snapshots <answer>", "for --check: whether each cycle's model is kept").choices(YES_NO),
    )
    .addOption(
      new Option("--reset <answer>", "for --check: whether restarts reset the optimizer").choices(YES_NO),
    )
    .addOption(
      new Option("--convergence <count>", "for --check: steps in which a monotonic schedule converges")
        .argParser(count),
    );

const EXAMPLES = `
Examples:
  deno task schedule --spec '{"name": "sgdr", "lr": 0.1, "T_0": "2 epochs", "T_mult": 2}'
  deno task schedule --file spec.yaml --format html --out schedules.html
  deno task schedule --preset bert --emit transformers
  deno task schedule --file spec.yaml --check
A duration carries a unit: 30 epochs, 500 steps, 10% of the run.`;

interface Sources {
  readonly spec?: string[] | undefined;
  readonly file?: string | undefined;
  readonly preset?: string | undefined;
  readonly format?: string | undefined;
  readonly emit?: string | undefined;
  readonly dialect: boolean;
  readonly check: boolean;
}

async function readArms(options: Sources, io: CommandIo): Promise<Arms | "preset"> {
  const { armsOfFile, armsOfTexts } = await import("./schedule/read_arms.ts");
  if (options.spec !== undefined) return await armsOfTexts(options.spec);
  if (options.file !== undefined) return await armsOfFile(options.file, io);
  if (options.preset === undefined) {
    throw new UsageError(
      "Nothing to show: give --spec JSON, --file YAML or --preset NAME; --list names the schedules",
    );
  }
  if (options.format === undefined && options.emit === undefined && !options.dialect && !options.check) {
    return "preset";
  }
  const { armsOfPreset } = await import("./schedule/read_preset.ts");
  return armsOfPreset(options.preset);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= MOST_STEPS) return value;
  throw new InvalidArgumentError("expected a whole number from 1 to 10000000");
}

// Commander takes null for a missing value, so "none" stays a word here.
function clipNorm(text: string): number | "none" {
  const value = Number(text);
  if (text === "none") return text;
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("expected a number above 0, or none");
}
