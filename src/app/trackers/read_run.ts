import { dirname, join } from "node:path";
import { type CollectOptions, Collector, type TrackedRun } from "#trackers/collect.ts";
import type { Settings } from "#trackers/model.ts";
import { type ReadOptions, readTracker } from "#trackers/read.ts";
import { MOST_SETTINGS_BYTES, SETTINGS_FILES, settingsOf } from "#trackers/settings_file.ts";
import type { Series } from "#trackers/series.ts";
import type { RunFiles } from "./find_runs.ts";

/** A run that somebody logged, with where it lies. */
export interface LoggedRun extends TrackedRun {
  /** Folder or file, as messages name it. */
  readonly path: string;
}

export interface LoggedRuns {
  readonly runs: readonly LoggedRun[];
  /** Sentences on what could not be used. */
  readonly notes: readonly string[];
}

/**
 * Reads the files of a run (of several, where a file holds them) one after the other, and the settings beside them.
 *
 * @throws {TrackerError} for a file that cannot be used.
 */
export async function readRun(
  { path, files }: RunFiles,
  { isWanted = () => true, ...options }: ReadOptions & CollectOptions = {},
): Promise<LoggedRuns> {
  const collectors = new Map<string, Collector>();
  for (const { file, format, prefix } of files) {
    let collector = collectors.get(format.name);
    if (collector === undefined) collectors.set(format.name, collector = new Collector(options));
    const read = readTracker(file, { isWanted: (tag) => isWanted(prefix + tag) });
    for await (const record of read) collector.add(record, prefix);
  }
  const beside = await settingsBeside(files[0]!.file.path, path);
  const all = [...collectors.values()];
  return {
    runs: joinedOrEmpty(all.flatMap((collector) => collector.runs())).map((run) => ({
      ...run,
      settings: { ...beside, ...run.settings },
      path,
    })),
    notes: all.flatMap((collector) => collector.notes()).map((note) =>
      note.startsWith("Run ") || note.startsWith("steps") ? `${path}: ${note}` : note
    ),
  };
}

/** A file without a series is a run all the same: one that has nothing. */
function joinedOrEmpty(runs: readonly TrackedRun[]): TrackedRun[] {
  return runs.length > 0 ? joined(runs) : [{ name: null, settings: {}, group: null, series: new Map() }];
}

/** Runs of one name in files of several formats: of a series that both have, the first is taken. */
function joined(runs: readonly TrackedRun[]): TrackedRun[] {
  const byName = Map.groupBy(runs, ({ name }) => name);
  return [...byName.values()].map((same) =>
    same.reduce((one, other) => ({
      name: one.name,
      settings: { ...other.settings, ...one.settings },
      group: one.group ?? other.group,
      series: new Map<string, Series>([...other.series, ...one.series]),
    }))
  );
}

/** The first file of settings beside a log, or in the run's folder. */
async function settingsBeside(file: string, run: string): Promise<Settings> {
  for (const folder of new Set([dirname(file), run])) {
    for (const name of SETTINGS_FILES) {
      const path = join(folder, name);
      const info = await Deno.stat(path).catch(() => null);
      if (info === null || !info.isFile || info.size > MOST_SETTINGS_BYTES) continue;
      const settings = settingsOf(await Deno.readTextFile(path));
      if (settings !== null) return settings;
    }
  }
  return {};
}
