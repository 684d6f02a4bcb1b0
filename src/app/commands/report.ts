import { counted } from "#lib/numbers.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { openInBrowser } from "../open.ts";
import { printReport } from "../terminal/print_report.ts";
import { dataDirOption, formatOption, openOption, verboseOption } from "./options.ts";
import {
  reportComparison,
  reportIndex,
  reportOne,
  writeSeriesCsv,
  type WrittenReport,
} from "../reports/reports.ts";
import { shardFolders } from "../storage/shards.ts";
import { parsePath } from "./parsers.ts";

/** `report`: pages from what experiments left on disk. Nothing is trained and no record is changed. */
export function reportCommand(io: CommandIo) {
  return newCommand("report", io)
    .description(
      "Rebuilds the report of an experiment, compares several, or lists all of a folder, from their " +
        "summaries and their runs' events.",
    )
    .argument("[dirs...]", "folders of experiments, as given to --out; two or more are compared")
    .option("--index", "write index.html with all experiments in a folder (default: runs)", false)
    .option(
      "--out <file>",
      "page of a comparison (default: comparison.html beside the first folder)",
      parsePath,
    )
    .option(
      "--csv <folder>",
      "also write every series as CSV, one file per kind; text that begins like a formula gets a ' before it",
    )
    .option(
      "--tensorboard <folder>",
      "also write each run as an event file of TensorBoard, in a folder of its own in this one",
      parsePath,
    )
    .addOption(dataDirOption(", for shards, which are joined (default: the shards' own)"))
    .addOption(openOption())
    .addOption(verboseOption())
    .addOption(formatOption())
    .action(async (folders, { open, format, csv, tensorboard, verbose, dataDir, ...asked }) => {
      if (tensorboard !== undefined && asked.index) {
        throw new UsageError("An index has no runs for --tensorboard: name experiments");
      }
      const missing = asked.index ? [] : await joinAll(folders, dataDir ?? null, io);
      const written = await write(folders, { ...asked, csv }, io);
      if (tensorboard !== undefined) {
        const { writeEventFiles } = await import("../reports/event_files.ts");
        const count = await writeEventFiles(folders, tensorboard);
        io.stderr(`TensorBoard: ${counted(count, "run")} in ${tensorboard}\n`);
      }
      const tables = csv === undefined ? [] : await writeSeriesCsv(written.experiments, csv);
      if (tables.length > 0) io.stderr(`CSV: ${tables.join(", ")}\n`);
      if (format === "json") io.stdout(JSON.stringify(written.data, null, 2) + "\n");
      else await printReport(written, { verbose }, io);
      if (open) await openInBrowser(written.page, io);
      if (missing.length > 0) throw new Failure(missing.join("\n"));
    });
}

/** Joins the shards of those folders that have some; what is missing of each, in words. */
async function joinAll(folders: readonly string[], dataDir: string | null, io: CommandIo): Promise<string[]> {
  const missing: string[] = [];
  for (const folder of folders) {
    if ((await shardFolders(folder)).length === 0) continue;
    const { join } = await import("../studies/join.ts");
    const text = await join(folder, dataDir, io);
    if (text !== null) missing.push(text);
  }
  return missing;
}

interface Asked {
  readonly index: boolean;
  readonly out?: string | undefined;
  readonly csv?: string | undefined;
}

async function write(
  folders: readonly string[],
  { index, out, csv }: Asked,
  io: CommandIo,
): Promise<WrittenReport> {
  if (index) {
    if (folders.length > 1) {
      throw new UsageError("Cannot list several folders on one page: name one with --index");
    }
    if (csv !== undefined) throw new UsageError("An index has no series for --csv: name experiments");
    if (out !== undefined) throw new UsageError("An index is the index.html of its folder: leave --out away");
    return await reportIndex(folders[0] ?? "runs");
  }
  const [only, ...others] = folders;
  if (only === undefined) {
    throw new UsageError(
      "Cannot build a report of nothing: name the folder of an experiment, several to compare them, or add " +
        "--index to list all in runs/",
    );
  }
  if (others.length > 0) return await reportComparison(folders, out);
  if (out !== undefined) {
    throw new UsageError("The report of one experiment is its folder's report.html: leave --out away");
  }
  const written = await reportOne(only);
  const without = written.experiments.filter(({ records }) => records.length === 0);
  for (const { folder } of without) {
    io.stderr(`No runs are left in ${folder}: the report has no curves, and is made of summary.json alone\n`);
  }
  if (csv !== undefined && written.experiments.length === 0) {
    throw new UsageError(
      "Exercise 0 has no runs for --csv, and those of sweeps and range tests are in sweep.json and range-test.json; " +
        "each figure on the page has its own CSV",
    );
  }
  return written;
}
