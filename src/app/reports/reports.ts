import { basename, dirname, join, resolve } from "node:path";
import type { Experiment } from "#study/compare_experiments.ts";
import type { Report } from "#report/model.ts";
import { diskStore } from "../storage/disk.ts";
import { Failure, UsageError } from "../errors.ts";
import { listExperiments } from "../storage/list_experiments.ts";
import { readExperiment } from "../storage/read_experiment.ts";
import { reportOther } from "../storage/read_others.ts";
import { writeAtomic } from "../storage/write.ts";
import { pageOf } from "./page_of.ts";
import { writeReport } from "./write_report.ts";

/** A page that was written, the report that it shows, and the same as data for `--format json`. */
export interface WrittenReport {
  readonly page: string;
  readonly report: Report;
  readonly data: unknown;
  /** Experiments that the report shows. */
  readonly experiments: readonly Experiment[];
}

/** Most experiments in a comparison: one a letter. */
const MOST = 26;

/**
 * `report.html` of one experiment, sweep, range test, benchmark or the theory again, in its folder.
 *
 * @throws {UsageError} where the folder is none of them.
 */
export async function reportOne(folder: string): Promise<WrittenReport> {
  const page = join(folder, "report.html");
  const other = await reportOther(folder);
  if (other !== null) {
    await writePage(page, other.report);
    return { page, report: other.report, data: { ...other.data, folder }, experiments: [] };
  }
  const experiment = await readExperiment(folder);
  const { summary, records } = experiment;
  const report = await writeReport(diskStore(folder), summary, records);
  return { page, report, data: { ...summary, folder }, experiments: [experiment] };
}

/**
 * A page that compares experiments, at `out`, else `comparison.html` beside the first of them.
 *
 * @throws {UsageError} where a folder is no experiment or is named twice, or where there are more than 26.
 */
export async function reportComparison(folders: readonly string[], out?: string): Promise<WrittenReport> {
  const experiments = await readExperiments(folders);
  const [{ composeComparison }, { compareExperiments }] = await Promise.all([
    import("#report/compose/comparison.ts"),
    import("#study/compare_experiments.ts"),
  ]);
  const report = composeComparison(experiments);
  const page = out ?? join(dirname(resolve(folders[0]!)), "comparison.html");
  await writePage(page, report);
  return { page, report, data: { folders, comparisons: compareExperiments(experiments) }, experiments };
}

/** @throws {UsageError} as of {@link reportComparison}. */
export async function readExperiments(folders: readonly string[]): Promise<Experiment[]> {
  const paths = folders.map((folder) => resolve(folder));
  const twice = folders.find((_, index) => paths.indexOf(paths[index]!) !== index);
  if (twice !== undefined) throw new UsageError(`Cannot compare ${twice} with itself: name each folder once`);
  if (folders.length > MOST) {
    throw new UsageError(`Cannot compare ${folders.length} experiments: at most ${MOST} fit on a page`);
  }
  // One after the other, so that the error names the first folder that cannot be read.
  const experiments: Experiment[] = [];
  for (const folder of folders) experiments.push(await readExperiment(folder));
  return experiments;
}

/**
 * `index.html` of a folder of experiments, in that folder.
 *
 * @throws {UsageError} where there is no such folder.
 */
export async function reportIndex(folder: string): Promise<WrittenReport> {
  const entries = await listExperiments(folder);
  const { composeIndex, findingOf } = await import("#report/compose/index.ts");
  const report = composeIndex(basename(resolve(folder)), entries);
  const page = join(folder, "index.html");
  await writePage(page, report);
  const data = entries.map((entry) => {
    const path = join(folder, entry.folder);
    if (entry.kind === "broken") return { folder: path, wrong: entry.wrong };
    const result = entry.kind === "experiment" ? entry.summary : entry.result;
    return {
      folder: path,
      report: entry.hasReport ? join(path, "report.html") : null,
      kind: entry.kind === "experiment" ? "experiment" : entry.result.kind,
      name: result.name,
      at: result.provenance.at,
      complete: result.complete ?? true,
      dataset: result.dataset?.name ?? null,
      model: result.model ?? null,
      device: result.device?.name ?? null,
      arms: entry.kind === "experiment" ? entry.summary.arms.map(({ name }) => name) : [],
      finding: findingOf(entry),
    };
  });
  return { page, report, data, experiments: [] };
}

/**
 * Every series of the experiments as CSV, a file a kind, in `folder`, which is created if missing.
 *
 * @returns the paths that were written.
 * @throws {UsageError} where it is a file.
 * @throws {Failure} where the folder cannot be written to.
 */
export async function writeSeriesCsv(experiments: readonly Experiment[], folder: string): Promise<string[]> {
  const { seriesCsv } = await import("#report/csv/series.ts");
  const paths: string[] = [];
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { name, text } of seriesCsv(experiments)) {
      await writeAtomic(join(folder, name), text);
      paths.push(join(folder, name));
    }
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot write CSV files to ${folder}: it is a file, and --csv takes a folder`);
    }
    throw new Failure(`Cannot write CSV files to ${folder}: ${(error as Error).message}`);
  }
  return paths;
}

async function writePage(path: string, report: Report): Promise<void> {
  const html = await pageOf(report);
  try {
    await writeAtomic(path, html);
  } catch (error) {
    throw new Failure(`Cannot write ${path}: ${(error as Error).message}`);
  }
}
