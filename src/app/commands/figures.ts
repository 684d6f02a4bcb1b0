import { dirname, join, resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { figuresOf, type Report } from "#report/model.ts";
import { findChromium } from "../pictures/chromium.ts";
import { drawPictures } from "../pictures/draw_pictures.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { reportOther } from "../storage/read_others.ts";
import { readExperiments } from "../reports/reports.ts";
import { parsePath } from "./parsers.ts";

/** `figures`: each figure of a report as a picture. A command of its own, for it alone may start a browser. */
export function figuresCommand(io: CommandIo) {
  return newCommand("figures", io)
    .description(
      "Saves each figure of an experiment's report, or of a comparison of several, as a picture, with the installed " +
        "Chromium (another one: CHROMIUM_PATH).",
    )
    .argument("<dirs...>", "folders of experiments, as given to --out; two or more are compared")
    .option(
      "--out <folder>",
      "folder of the pictures (default: figures in the folder, comparison-figures beside the first of several)",
      parsePath,
    )
    .addOption(
      new Option("--format <format>", "format of the pictures").choices(["png", "svg"]).default(
        "png" as const,
      ),
    )
    .addOption(
      new Option("--theme <theme>", "colours of the pictures").choices(["light", "dark"]).default(
        "light" as const,
      ),
    )
    .action(async (folders, { out, format, theme }) => {
      const report = await reportOf(folders);
      if (figuresOf(report).length === 0) {
        throw new UsageError(`Nothing to draw: the report of ${folders.join(", ")} has no figures`);
      }
      const chromium = await findChromium(io.env);
      const folder = out ?? defaultFolder(folders);
      io.stderr(`Drawing by ${chromium}\n`);
      const paths = await drawPictures(report, { chromium, folder, format, theme });
      io.stdout(paths.map((path) => `${path}\n`).join(""));
    });
}

function defaultFolder(folders: readonly string[]): string {
  return folders.length === 1
    ? join(folders[0]!, "figures")
    : join(dirname(resolve(folders[0]!)), "comparison-figures");
}

async function reportOf(folders: readonly string[]): Promise<Report> {
  const [only, ...others] = folders;
  const other = others.length === 0 ? await reportOther(only!) : null;
  if (other !== null) return other.report;
  const experiments = await readExperiments(folders);
  if (experiments.length === 1) {
    const { composeReport } = await import("#report/compose/experiment.ts");
    return composeReport(experiments[0]!.summary, experiments[0]!.records);
  }
  const { composeComparison } = await import("#report/compose/comparison.ts");
  return composeComparison(experiments);
}
