import { Option } from "@commander-js/extra-typings";
import { LAW_NAMES } from "#theory/loss_laws/laws.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { formatFor, presentResult, RESULT_FORMATS } from "../terminal/output.ts";
import { verboseOption } from "./options.ts";
import { parsePath, repeated, wholeNumber } from "./parsers.ts";
import { LONGEST_RUN } from "../schedules/facts.ts";

/** `predict`: a loss law fitted to recorded curves, and the loss of a schedule that was not trained. */
export function predictCommand(io: CommandIo) {
  return newCommand("predict", io)
    .description(
      "Fits a loss law to the training curves of an experiment's arms and predicts the curve of a schedule that was not " +
        "trained, or of the arms that were left out of the fit.",
    )
    .requiredOption(
      "--from <folder>",
      "an experiment of the lab, whose arms differ in their schedule",
      parsePath,
    )
    .addOption(
      new Option("--fit <arm>", "an arm to fit; repeat the option for each, at least two (default: all)")
        .argParser(repeated),
    )
    .addOption(
      new Option(
        "--schedule <spec>",
        "a schedule as JSON or YAML, or a file with one or with a spec (FILE#ARM: one); repeat the option for several",
      ).argParser(repeated),
    )
    .addOption(
      new Option("--steps <count>", "steps in the run of the schedule (default: as long as the fitted ones)")
        .argParser(wholeNumber(1, LONGEST_RUN)),
    )
    .addOption(
      new Option("--law <name>", "multi-power (Luo et al., 2025) or momentum (Tissue et al., 2024)")
        .choices(LAW_NAMES).default("multi-power" as const),
    )
    .addOption(
      new Option("--format <format>", "of the result (default: by the ending of --out, else terminal)")
        .choices(RESULT_FORMATS),
    )
    .option("--out <file>", "file for the result, such as prediction.html or prediction.json", parsePath)
    .addOption(verboseOption())
    .action(async ({ from, fit = [], schedule = [], steps, law, verbose, ...output }) => {
      if (fit.length === 0 && schedule.length === 0) {
        throw new UsageError(
          "Nothing is left to predict: name a --schedule, or the arms to --fit, so that others remain",
        );
      }
      const [{ readCurves }, { askedSchedules }, { composeLossLaw }, { predictLosses }] = await Promise
        .all([
          import("./predict/read_curves.ts"),
          import("./predict/asked.ts"),
          import("#report/compose/loss_law.ts"),
          import("#study/loss_law/predict.ts"),
        ]);
      const { curves, fitted, leftOut } = await readCurves(from, fit);
      const asked = await askedSchedules(schedule, curves.find(({ name }) => name === fitted[0])!, steps, io);
      const result = predictLosses(law, curves, fitted, asked, leftOut);
      await presentResult(result, composeLossLaw(result), {
        out: output.out,
        format: formatFor(output),
        verbose,
      }, io);
    });
}
