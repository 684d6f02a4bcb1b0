import { Option } from "@commander-js/extra-typings";
import { FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { textOutOption } from "./options.ts";
import { parseClipNorm, parseLength, repeated, wholeNumber } from "./parsers.ts";
import { type Arms, LONGEST_RUN, placed } from "../schedules/facts.ts";

const FORMATS = ["chart", "json", "csv", "html"] as const;
const YES_NO = ["yes", "no"] as const;

/** `schedule`: shows, compares, checks or emits schedules. Nothing of a model, and no tfjs, is loaded. */
export function scheduleCommand(io: CommandIo) {
  return withCheckOptions(withSources(newCommand("schedule", io)))
    .description("Shows, compares, checks or emits schedules, without a model and without training.")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const { exclusive } = await import("./schedule/exclusive.ts");
      exclusive(options);
      if (options.list) return await (await import("./schedule/list.ts")).list(options, io);
      if (options.preset !== undefined && !isShown(options)) {
        return await (await import("./schedule/list.ts")).printPreset(options.preset, options.out, io);
      }
      if (options.diff !== undefined) {
        return await (await import("./schedule/diff.ts")).diff(options.diff, options, options, io);
      }
      const arms = placed(await readArms(options, io), options);
      if (options.resumedAt !== undefined) {
        const { resumed } = await import("./schedule/resumed.ts");
        return await resumed(arms, { at: options.resumedAt, until: options.until! }, options, io);
      }
      if (options.emit !== undefined) {
        const { emit } = await import("./schedule/export.ts");
        return await emit(arms, options.emit, options.out, io);
      }
      if (options.dialect) {
        return await (await import("./schedule/export.ts")).dialect(arms, options, io);
      }
      if (options.predict) return await (await import("./schedule/predict.ts")).predict(arms, options, io);
      if (options.check) return await (await import("./schedule/check.ts")).check(arms, options, io);
      await (await import("./schedule/curves.ts")).show(arms, options, io);
    });
}

/** Options that name the schedules, the run, and the thing to do with them. */
const withSources = (command: ReturnType<typeof newCommand>) =>
  command
    .addOption(
      new Option("--spec <json>", "a schedule as JSON or YAML; repeat the option to compare several")
        .argParser(repeated),
    )
    .addOption(
      new Option(
        "--file <yaml>",
        "a YAML file with one schedule, or a spec, whose arms are compared (FILE#ARM: one)",
      ),
    )
    .addOption(new Option("--profile <name>", "with --file: the profile of a spec"))
    .addOption(
      new Option("--preset <name>", "a preset: printed as a spec, or shown in the chosen --format"),
    )
    .addOption(
      new Option("--list", "list every schedule with its parameters, and every preset").default(false),
    )
    .addOption(
      new Option(
        "--steps <count>",
        "steps in the run (default: as planned from the file, else 1000, or more where the schedule is longer)",
      )
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--steps-per-epoch <count>", "steps in an epoch (default: from the file, else 100)")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option(
        "--samples-per-step <count>",
        "samples in a step, for durations in samples (default: from the file)",
      ).argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--tokens-per-step <count>", "tokens in a step, for durations in tokens")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--format <format>", "chart in the terminal, numbers as JSON or CSV, or an HTML page")
        .choices(FORMATS),
    )
    .addOption(textOutOption())
    .addOption(
      new Option("--emit <framework>", "print code with the same rates for a framework").choices(FRAMEWORKS),
    )
    .addOption(
      new Option("--dialect", "compare with the schedules of other libraries that look the same")
        .default(false),
    )
    .addOption(
      new Option(
        "--diff <schedules...>",
        "overlay two schedules, each as JSON, the name of a preset or a file (FILE#ARM), and measure their difference",
      ),
    )
    .addOption(
      new Option("--resumed-at <step>", "show the run resumed after so many steps, for each horizon policy")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option(
        "--until <length>",
        "with --resumed-at: where the longer run ends, counted from the beginning",
      )
        .argParser(parseLength),
    )
    .addOption(
      new Option(
        "--predict",
        "bound the last iterate by convex theory: the best peak rate, and both against linear decay",
      ).default(false),
    )
    .addOption(new Option("--check", "check the schedule for common mistakes in its run").default(false));

/** Facts about a run, for `--check`. */
const withCheckOptions = (command: ReturnType<typeof withSources>) =>
  command
    .addOption(new Option("--strict", "with --check: exit with code 1 if there is a warning").default(false))
    .addOption(new Option("--optimizer <name>", "for --check: the optimizer, such as sgd or adam"))
    .addOption(
      new Option("--clip-norm <norm>", "for --check: the bound on the gradient norm, or none").argParser(
        parseClipNorm,
      ),
    )
    .addOption(
      new Option("--snapshots <answer>", "for --check: is the model saved at the end of each cycle?").choices(
        YES_NO,
      ),
    )
    .addOption(
      new Option("--reset <answer>", "for --check: is the optimizer reset at each restart?").choices(YES_NO),
    )
    .addOption(
      new Option("--convergence <count>", "for --check: steps in which a monotonic schedule converges")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option(
        "--stops-at <step>",
        "for --check: the step at which early stopping is expected to end the run",
      )
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--eval-every <count>", "for --check: steps between two evaluations (default: an epoch)")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--accumulate <count>", "for --check: batches in a step").argParser(wholeNumber(1, 1024)),
    );

const EXAMPLES = `
Examples:
  deno task schedule --spec '{"name": "sgdr", "lr": 0.1, "T_0": "2 epochs", "T_mult": 2}'
  deno task schedule --file spec.yaml --format html --out schedules.html
  deno task schedule --preset bert --emit transformers
  deno task schedule --file spec.yaml --check
  deno task schedule --file spec.yaml --predict
  deno task schedule --diff vit '{"name": "cosine", "lr": 0.0003, "T_max": "100%"}'
  deno task schedule --preset bert --resumed-at 6000 --until "20000 steps"
A duration carries a unit: 30 epochs, 500 steps, 10% of the run.`;

interface Sources {
  readonly spec?: string[] | undefined;
  readonly file?: string | undefined;
  readonly profile?: string | undefined;
  readonly preset?: string | undefined;
  readonly format?: string | undefined;
  readonly emit?: string | undefined;
  readonly dialect: boolean;
  readonly check: boolean;
  readonly predict: boolean;
  readonly resumedAt?: number | undefined;
}

/** True where a preset is not printed as a spec. */
const isShown = (
  { format, emit, dialect, check, predict, resumedAt }: Sources,
): boolean =>
  format !== undefined || emit !== undefined || dialect || check || predict || resumedAt !== undefined;

async function readArms({ spec, file, profile, preset }: Sources, io: CommandIo): Promise<Arms> {
  const { armsOfFile, armsOfTexts } = await import("./schedule/read_arms.ts");
  if (spec !== undefined) return await armsOfTexts(spec);
  if (file !== undefined) return await armsOfFile(file, io, profile ?? null);
  if (preset !== undefined) return (await import("./schedule/read_preset.ts")).armsOfPreset(preset);
  throw new UsageError(
    "Nothing to show: give --spec JSON, --file YAML or --preset NAME; --list names the schedules",
  );
}
