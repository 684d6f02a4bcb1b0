import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { type Summary, summaryFile } from "#results/summary.ts";
import { answersOf } from "#study/benchmark/questions.ts";
import { isMeasured, measureSetting } from "#study/benchmark/measure.ts";
import { familiesOf, type Profile } from "#study/benchmark/workloads.ts";
import { loadFacts } from "../session/facts.ts";
import { commit, versions } from "../session/provenance.ts";
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
    provenance: {
      at: summaries.map(({ provenance }) => provenance.at).sort()[0] ?? new Date().toISOString(),
      command: invocation.command,
      commit: await commit(),
      versions: versions(),
      wall_s: summaries.reduce((sum, { provenance }) => sum + provenance.wall_s, 0),
    },
    scores,
    answers: answersOf(scores),
  };
}

/** The profile of the benchmark in a folder; `undefined` where it has no result yet. */
export async function profileIn(folder: string): Promise<string | undefined> {
  return (await readResult(folder, benchmarkFile))?.profile;
}
