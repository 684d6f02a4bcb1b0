import { glob } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { formatOf, formatOfFile, FORMATS } from "#trackers/catalog.ts";
import type { Format } from "#trackers/format.ts";
import { hasAxis } from "#trackers/has_axis.ts";
import type { TrackerFile } from "#trackers/model.ts";
import { isPartOfRun, sharesFolder } from "#trackers/run_folders.ts";
import { UsageError } from "../errors.ts";
import { exists, isFolder } from "../storage/missing.ts";
import { trackerFile } from "./tracker_file.ts";

/** Entries of all folders that are looked at below one path, and how deep. */
const [MOST_ENTRIES, MOST_DEPTH] = [50_000, 10];

/** The files of one run. */
export interface RunFiles {
  /** Folder or file of the run, as messages name it. */
  readonly path: string;
  readonly files: readonly RunFile[];
}

export interface RunFile {
  readonly file: TrackerFile;
  readonly format: Format;
  /** Put before tags: `validation/` for a file in the run's folder `validation`. */
  readonly prefix: string;
}

/**
 * Paths that fit a pattern, in the order of their names with numbers counted; the path itself where it has no `*`,
 * `?`, `[` or `{`, or where a file has just that name.
 *
 * @throws {UsageError} where nothing fits.
 */
export async function pathsOf(pattern: string): Promise<string[]> {
  if (!/[*?[{]/.test(pattern) || await exists(pattern)) return [pattern];
  const found = await Array.fromAsync(glob(pattern));
  if (found.length === 0) throw new UsageError(`Nothing fits ${pattern}: no file or folder has such a name`);
  return found.sort(byName);
}

/**
 * The runs at a path: a file is one, or holds several; a folder is one, or has several below it. Files are distinguished by
 * what is in them; below a folder those of no known format are passed over.
 *
 * @throws {UsageError} for a path that is not there, and a folder without runs.
 * @throws {TrackerError} for a file of no known format.
 */
export async function findRuns(path: string): Promise<RunFiles[]> {
  if (!await isFolder(path)) {
    const file = await trackerFile(path);
    return [{ path, files: [{ file, format: formatOfFile(file), prefix: "" }] }];
  }
  const found = await filesBelow(path, { left: MOST_ENTRIES });
  if (found.length === 0) {
    const labels = FORMATS.map(({ label }) => label).join(", ");
    throw new UsageError(`No run lies in ${path}: none of its files is of a known format (${labels})`);
  }
  return runsAmong(path, found);
}

async function filesBelow(folder: string, budget: { left: number }, depth = 0): Promise<RunFile[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => byName(a.name, b.name));
  budget.left -= entries.length;
  if (budget.left < 0) {
    throw new UsageError(
      `Cannot look through ${folder}: more than ${MOST_ENTRIES} files and folders are there; name the runs' own folders`,
    );
  }
  const found: RunFile[] = [];
  for (const { name, isDirectory, isFile } of entries) {
    const path = join(folder, name);
    if (isFile) {
      const file = await trackerFile(path);
      const format = formatOf(file.head);
      if (format !== null && (!format.isGeneral || hasAxis(file.head))) {
        found.push({ file, format, prefix: "" });
      }
    } else if (isDirectory && !/^(?:\.|node_modules$|__pycache__$)/.test(name) && depth < MOST_DEPTH) {
      found.push(...await filesBelow(path, budget, depth + 1));
    }
  }
  return found;
}

function runsAmong(root: string, found: readonly RunFile[]): RunFiles[] {
  const runs = new Map<string, RunFile[]>();
  const alone = aloneIn(found);
  for (const one of found) {
    let folder = dirname(one.file.path);
    let prefix = "";
    while (folder !== root && isPartOfRun(basename(folder)) !== null) {
      prefix = isPartOfRun(basename(folder)) + prefix;
      folder = dirname(folder);
    }
    const isPiece = sharesFolder(one.format.name, basename(one.file.path)) || alone.has(one.file.path);
    const path = isPiece ? folder : one.file.path;
    runs.set(path, [...runs.get(path) ?? [], { ...one, prefix }]);
  }
  return withoutCopies([...runs].map(([path, files]) => ({ path, files })));
}

/** The only file of a folder is the run of that folder: `seed1/log.jsonl`. */
function aloneIn(found: readonly RunFile[]): Set<string> {
  const folders = Map.groupBy(found, ({ file }) => dirname(file.path));
  return new Set([...folders.values()].flatMap((files) => files.length === 1 ? [files[0]!.file.path] : []));
}

/**
 * Of a run of Hugging Face's Trainer the state that goes on longest: each checkpoint has one, with all steps so far.
 * The event files in its `runs/` hold the same figures.
 */
function withoutCopies(runs: readonly RunFiles[]): RunFiles[] {
  const states = runs.filter(({ files }) => files.some(({ format }) => format.name === "trainer-state"));
  return runs
    .filter((run) =>
      states.includes(run) ||
      !states.some(({ path }) => `${run.path}${sep}`.startsWith(join(path, "runs", sep)))
    )
    .map((run) => {
      if (!states.includes(run)) return run;
      const all = run.files.filter(({ format }) => format.name === "trainer-state");
      const longest = all.reduce((best, one) => one.file.size >= best.file.size ? one : best);
      return { path: run.path, files: [longest] };
    });
}

/** `run10` after `run2`. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
