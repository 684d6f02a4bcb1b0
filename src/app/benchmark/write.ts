import { dirname, join } from "node:path";
import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { type CommandIo, Failure } from "../io.ts";
import { printReport } from "../terminal/print_report.ts";
import { openInBrowser } from "../open.ts";
import { reportOne } from "../reports/reports.ts";
import { sha256 } from "../sha256.ts";
import { writeAtomic } from "../storage/write.ts";

export interface WriteOptions {
  readonly format: "text" | "json";
  readonly open: boolean;
  readonly verbose: boolean;
  /** File of the tables as Markdown; `null` for none. */
  readonly write: string | null;
}

/**
 * Writes the result and its report into its folder, and prints it.
 *
 * @throws {Failure} for tables of a benchmark without a finished setting.
 */
export async function writeBenchmark(
  out: string,
  result: Benchmark,
  { format, open, verbose, write }: WriteOptions,
  io: CommandIo,
): Promise<void> {
  const text = JSON.stringify(result, null, 2) + "\n";
  await Deno.mkdir(out, { recursive: true });
  await writeAtomic(join(out, benchmarkFile.name), text);
  const written = await reportOne(out);
  if (format === "json") io.stdout(JSON.stringify(written.data, null, 2) + "\n");
  else await printReport(written, { verbose }, io);
  if (write !== null) await writeTables(write, { result, record: text, folder: out }, io);
  if (open) await openInBrowser(written.page, io);
}

/** The page of the docs, with the digest of the record that it was written from. */
async function writeTables(
  path: string,
  { result, record, folder }: { result: Benchmark; record: string; folder: string },
  io: CommandIo,
): Promise<void> {
  if (result.scores.settings.length === 0) {
    throw new Failure(`Cannot write ${path}: no setting has finished all its runs`);
  }
  const { benchmarkMarkdown, PICTURES } = await import("../reports/benchmark_markdown.ts");
  await io.writeTextAtomic(path, benchmarkMarkdown(result, sha256(record)));
  io.stderr(
    `Tables: ${path}\nIts pictures: deno task figures ${folder} --format svg --out ${
      join(dirname(path), PICTURES)
    }\n`,
  );
}
