import { counted } from "#lib/numbers.ts";
import type { LoggedGroup, LoggedRun as JudgedRun } from "#study/logged_runs/model.ts";
import { findRuns, pathsOf, type RunFiles } from "../../trackers/find_runs.ts";
import { type LoggedRun, readRun } from "../../trackers/read_run.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { groupedBy } from "../../trackers/group_by.ts";
import { Metric } from "./metric.ts";

export interface Asked {
  readonly metric: string | undefined;
  readonly groupBy: string | undefined;
}

export interface ReadGroups {
  /** The metric as the logs name it. */
  readonly metric: string;
  readonly groups: readonly LoggedGroup[];
  /** Sentences on what could not be used, and on how names were read. */
  readonly notes: readonly string[];
}

interface Found {
  readonly group: string | null;
  readonly run: LoggedRun;
}

/**
 * The groups that were named, or that the runs fall into.
 *
 * @throws {UsageError} for an argument that is no group, a path without runs, a metric that no run has.
 * @throws {TrackerError} for a file that cannot be read.
 */
export async function readGroups(
  named: readonly string[],
  { metric: asked, groupBy }: Asked,
  io: Pick<CommandIo, "stderr">,
): Promise<ReadGroups> {
  const metric = new Metric(asked);
  const found: Found[] = [];
  const notes: string[] = [];
  let tuning = 0;
  const files = await runFilesOf(named, groupBy !== undefined);
  for (const { group, run } of files) {
    const read = await readRun(run, { isWanted: (tag) => metric.isWanted(tag) });
    const kept = read.runs.filter((run) => !isTuning(run));
    tuning += read.runs.length - kept.length;
    found.push(...kept.map((run) => ({ group, run })));
    notes.push(...read.notes);
  }
  if (tuning > 0) notes.push(`${tuning} runs by which the lab tuned rates are left out`);
  const tag = metric.chosen();
  io.stderr(`Read ${counted(found.length, "run")}: ${tag}\n`);
  const { groups, left } = groupBy === undefined
    ? { groups: Map.groupBy(found, ({ group }) => group!), left: [] }
    : groupedBy(found, groupBy);
  return {
    metric: tag,
    groups: [...groups].map(([name, runs]) => ({ name, runs: runs.map(({ run }) => judged(run, metric)) })),
    notes: [...metric.notes(), ...left, ...notes],
  };
}

/** Runs of this lab that chose a rate: shorter, and with seeds of their own. */
function isTuning({ settings }: LoggedRun): boolean {
  return settings.role === "tune" && "total_steps" in settings;
}

/** The files of every run, in the order in which groups were named. */
async function runFilesOf(
  named: readonly string[],
  isGrouped: boolean,
): Promise<{ group: string | null; run: RunFiles }[]> {
  const seen = new Map<string, string | null>();
  const found: { group: string | null; run: RunFiles }[] = [];
  for (const argument of named) {
    const { group, pattern } = isGrouped ? { group: null, pattern: argument } : groupOf(argument);
    for (const path of await pathsOf(pattern)) {
      for (const run of await findRuns(path)) {
        const real = await Deno.realPath(run.path);
        const before = seen.get(real);
        if (before !== undefined && before !== group) {
          throw new UsageError(`${run.path} is in ${before} and in ${group}: a run belongs to one group`);
        }
        if (!seen.has(real)) found.push({ group, run });
        seen.set(real, group);
      }
    }
  }
  return found;
}

function groupOf(argument: string): { group: string; pattern: string } {
  const at = argument.indexOf("=");
  const [group, pattern] = [argument.slice(0, at).trim(), argument.slice(at + 1)];
  if (at > 0 && group !== "" && pattern !== "") return { group, pattern };
  throw new UsageError(
    `Cannot take ${
      JSON.stringify(argument)
    } for a group: write NAME=PATH, such as A=runs/a*, or add --group-by`,
  );
}

function judged(run: LoggedRun, metric: Metric): JudgedRun {
  return {
    name: run.name === null ? run.path : `${run.path}: ${run.name}`,
    path: run.path,
    settings: run.settings,
    metric: metric.of(run.series),
  };
}
