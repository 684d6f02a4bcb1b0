import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import type { RunRecord } from "#lab/record.ts";
import type { Store } from "#lab/store.ts";
import type { Summary } from "#lab/summary.ts";
import { diskStore } from "../disk.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { openInBrowser } from "../open.ts";
import { writeReport } from "../write_report.ts";

/** `report`: `report.html` again from what an experiment left on disk; nothing is trained and nothing else written. */
export function reportCommand(io: CommandIo) {
  return new Command("report")
    .description("Builds the report of an experiment again, from its summary and its runs' events.")
    .argument("<dir>", "folder of an experiment, the one that --out named")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(add --help for what is allowed)")
    .option("--open", "open the report in a browser", false)
    .addOption(
      new Option("--format <format>", "json prints the summary alone on stdout").choices(["text", "json"])
        .default("text" as const),
    )
    .action(async (folder, { open, format }) => {
      const summary = await readSummary(folder);
      const store = diskStore(folder);
      const report = await writeReport(store, summary, await armRecords(store, folder));
      const page = join(folder, "report.html");
      if (format === "json") {
        io.stdout(JSON.stringify({ ...summary, folder }, null, 2) + "\n");
      } else {
        const { renderTerminal } = await import("#report/terminal.ts");
        const color = io.isTerminal && !io.env("NO_COLOR");
        io.stdout(renderTerminal(report, { columns: io.columns, color, page }));
      }
      if (open) await openInBrowser(page, io);
    });
}

/** @throws {UsageError} where the folder holds no summary that this version of the lab wrote. */
async function readSummary(folder: string): Promise<Summary> {
  const path = join(folder, "summary.json");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(
        `Cannot build a report of ${folder}: it has no summary.json. Name the folder of an experiment: ` +
          "the one that --out named, or one in runs/",
      );
    }
    throw new Failure(`Cannot read ${path}: ${(error as Error).message}`);
  }
  let found: Partial<Summary> | null;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
  if (found?.version !== 1 || !Array.isArray(found.arms) || !Array.isArray(found.comparisons)) {
    throw new UsageError(`Cannot use ${path}: it is not a summary of version 1, as this lab writes`);
  }
  return found as Summary;
}

/** The runs of the arms; none where their folder is gone, and the report then has no curves. */
async function armRecords(store: Store, folder: string): Promise<RunRecord[]> {
  try {
    return (await store.records()).filter(({ plan }) => plan.role === "arm");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new Failure(`Cannot read the runs in ${join(folder, "runs")}: ${(error as Error).message}`);
  }
}
