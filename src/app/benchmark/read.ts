import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { type Summary, summaryFile } from "#results/summary.ts";
import { answersOf } from "#study/benchmark/questions.ts";
import { isMeasured, measureSetting } from "#study/benchmark/measure.ts";
import { familiesOf, type Profile } from "#study/benchmark/workloads.ts";
import { loadFacts } from "../session/facts.ts";
import { commit, versions } from "../machine/provenance.ts";
import { diskStore } from "../storage/disk.ts";
import type { Invocation } from "../storage/invocation.ts";
import { readResult } from "../storage/read_result.ts";
import { checkPlaces, type Place } from "./settings.ts";

export interface ReadOptions {
  readonly profile: Profile;
  readonly invocation: Invocation;
  readonly dataDir: string | null;
}

/**
 * The benchmark as far as its settings go, from the runs that are on the disk.
 *
 * @throws {UsageError} for folders of another benchmark.
 * @throws {Failure} for a run that is damaged.
 */
export async function readBenchmark(
  places: readonly Place[],
  { profile, invocation, dataDir }: ReadOptions,
): Promise<Benchmark> {
  await checkPlaces(places);
  const families = familiesOf(profile);
  const summaries: Summary[] = [];
  const measured = [];
  // One setting after the other: the events of all together would not fit into memory.
  for (const { setting, spec, folder } of places) {
    const summary = await readResult(folder, summaryFile);
    if (summary) summaries.push(summary);
    const facts = await loadFacts(spec, { invocation, dataDir });
    const records = await diskStore(folder).records();
    measured.push(
      measureSetting({ setting, spec: facts.spec, data: facts.data, records, origin: summary }, families),
    );
  }
  const settings = measured.filter(isMeasured);
  const unfinished = measured.flatMap((one) => isMeasured(one) ? [] : [one]);
  const scores = {
    families: families.map(({ name, why, weights, schedule }) => ({ name, why, weights, schedule })),
    settings,
    unfinished,
  };
  return {
    version: 2,
    kind: "benchmark",
    name: "benchmark of schedules",
    profile: profile.name,
    complete: unfinished.length === 0,
    provenance: await provenanceOf(summaries, invocation),
    scores,
    answers: answersOf(scores),
  };
}

/**
 * What trained the settings, which is not what reads them: `--from` may be another commit on another machine. Of
 * settings that were trained by several commits or versions each is named, the first one first.
 */
async function provenanceOf(
  summaries: readonly Summary[],
  invocation: Invocation,
): Promise<Benchmark["provenance"]> {
  const makers = summaries.map(({ provenance }) => provenance).sort((a, b) => a.at < b.at ? -1 : 1);
  const [first] = makers;
  if (first === undefined) {
    const at = new Date().toISOString();
    return { at, command: invocation.command, commit: await commit(), versions: versions(), wall_s: 0 };
  }
  const all = (values: readonly (string | null | undefined)[]) =>
    [...new Set(values.filter((one) => one != null))].join(", ");
  const names = new Set(makers.flatMap(({ versions }) => Object.keys(versions)));
  return {
    at: first.at,
    command: first.command,
    commit: all(makers.map(({ commit }) => commit)) || null,
    versions: Object.fromEntries(
      [...names].map((name) => [name, all(makers.map((one) => one.versions[name]))]),
    ),
    wall_s: makers.reduce((sum, { wall_s }) => sum + wall_s, 0),
  };
}

/** The profile of the benchmark in a folder; `undefined` where it has no result yet. */
export async function profileIn(folder: string): Promise<string | undefined> {
  return (await readResult(folder, benchmarkFile))?.profile;
}
