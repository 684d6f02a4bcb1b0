import { Option } from "@commander-js/extra-typings";
import { type CommandIo, Exited, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import type { Judgement } from "#results/judgement.ts";
import type { JudgeOptions } from "#study/logged_runs/judge_runs.ts";
import type { LoggedGroup } from "#study/logged_runs/model.ts";
import { readGroups } from "./judge/read_groups.ts";
import { formatFor, presentResult, RESULT_FORMATS } from "../terminal/output.ts";
import { verboseOption } from "./options.ts";
import { parseConfidence, parseMargin, parsePairBy, parsePath } from "./parsers.ts";

/** `judge`: groups of runs that any tool logged, set against one of them. Nothing is trained. */
export function judgeCommand(io: CommandIo) {
  return newCommand("judge", io)
    .description(
      "Says whether a difference between groups of runs is real, from their logs: TensorBoard event files, Hugging " +
        "Face's trainer_state.json, Lightning's metrics.csv, CSV (also of W&B), JSON lines, Keras History, this lab's " +
        "folders. The last group named is set against the baseline, the first one. " +
        "Exit code: 0 it is better, 1 worse, 2 no difference that matters, 3 open, 4 an error.",
    )
    .argument("<groups...>", "NAME=PATH for each group, with * and ? for several runs: A=runs/a* B=runs/b*")
    .option("--metric <name>", "series that is compared, as the logs name it; without it they are listed")
    .option(
      "--group-by <what>",
      "folder (of the runs), group (of TensorBoard's hparams), or the name of a hyperparameter; paths are then named " +
        "without NAME=",
    )
    .addOption(
      new Option("--value <figure>", "figure of a run: last value, best value, or area under the curve")
        .choices(["final", "best", "auc"]).default("final" as const),
    )
    .addOption(
      new Option("--mode <mode>", "whether the metric is better high or low (default: guessed from its name)")
        .choices(["max", "min"]),
    )
    .option(
      "--margin <number>",
      "a difference up to this does not matter, in the metric's own unit (default: 0.01 of an accuracy, 0.02 of a loss)",
      parseMargin,
    )
    .option("--baseline <group>", "group that the others are set against (default: the first)")
    .addOption(
      new Option(
        "--pair-by <what>",
        "seed, none, or the name of a hyperparameter such as fold: runs that have it in common are compared in pairs",
      ).argParser(parsePairBy).default({ kind: "seed" } as const, "seed"),
    )
    .option("--confidence <share>", "of all intervals together", parseConfidence, 0.95)
    .addOption(
      new Option("--format <format>", "of the result (default: by the ending of --out, else terminal)")
        .choices(RESULT_FORMATS),
    )
    .option("--out <file>", "file for the result, such as report.html or judgement.json", parsePath)
    .addOption(verboseOption())
    .action(async (named, options) => {
      const { metric, groupBy, value, mode, pairBy, verbose, ...rest } = options;
      const format = formatFor(options);
      const read = await readGroups(named, { metric, groupBy }, io);
      const judgement = await judged(read.groups, {
        metric: read.metric,
        figure: value,
        better: mode === undefined ? undefined : mode === "max" ? "higher" : "lower",
        margin: rest.margin,
        baseline: rest.baseline,
        confidence: rest.confidence,
        pairBy,
        at: new Date().toISOString(),
        notes: read.notes,
      });
      const { composeJudgement } = await import("#report/compose/judgement.ts");
      const report = composeJudgement(judgement, read.groups);
      await presentResult(judgement, report, { format, out: rest.out, verbose }, io);
      if (judgement.exit_code !== 0) throw new Exited(judgement.exit_code);
    });
}

/** @throws {UsageError} for groups that cannot be judged as asked. */
async function judged(groups: readonly LoggedGroup[], options: JudgeOptions): Promise<Judgement> {
  const { judgeRuns } = await import("#study/logged_runs/judge_runs.ts");
  try {
    return judgeRuns(groups, options);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
}
