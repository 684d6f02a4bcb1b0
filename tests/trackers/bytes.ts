import type { TrackerFile, TrackerRecord } from "#trackers/model.ts";
import { Collector, type TrackedRun } from "#trackers/collect.ts";
import { type ReadOptions, readTracker } from "#trackers/read.ts";

/** A file in memory whose bytes come in chunks of a size. */
export function fileOf(content: string | Uint8Array, chunkBytes = 65_536, path = "run/log"): TrackerFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
  };
  return { path, size: bytes.length, head: bytes.subarray(0, 65_536), chunks };
}

/** Everything that a file holds. */
export async function recordsOf(file: TrackerFile, options: ReadOptions = {}): Promise<TrackerRecord[]> {
  return await Array.fromAsync(readTracker(file, options));
}

export interface Read {
  readonly runs: readonly TrackedRun[];
  readonly notes: readonly string[];
  /** Steps and values of a series of the first run. */
  points(tag: string): [steps: number[], values: number[]];
}

/** The runs of a file. */
export async function read(content: string | Uint8Array, chunkBytes?: number): Promise<Read> {
  const collector = new Collector();
  for (const record of await recordsOf(fileOf(content, chunkBytes))) collector.add(record);
  const runs = collector.runs();
  return {
    runs,
    notes: collector.notes(),
    points(tag) {
      const { steps, values } = runs[0]!.series.get(tag)!;
      return [[...steps], [...values]];
    },
  };
}
