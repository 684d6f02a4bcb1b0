import { formatOfFile } from "./catalog.ts";
import type { TrackerFile, TrackerRecord } from "./model.ts";
import { Output } from "./output.ts";

export interface ReadOptions {
  /** Series to keep, by tag; all if not given. */
  readonly isWanted?: (tag: string) => boolean;
}

/**
 * The content of a file, in batches. Memory does not grow with the file: a record, line or element has at most 16 MiB.
 *
 * @throws {TrackerError} for a file of no known format, and where a part of it cannot be read.
 *
 * @example Two steps of a CSV file
 * ```ts
 * import assert from "node:assert/strict";
 * import { readTracker } from "#trackers/read.ts";
 *
 * const bytes = Uint8Array.from("step,loss\n0,2.3\n100,0.9\n", (char) => char.charCodeAt(0));
 * const chunks = async function* () {
 *   yield bytes;
 * };
 * const records = await Array.fromAsync(readTracker({ path: "run.csv", size: bytes.length, head: bytes, chunks }));
 * const points = records.find((record) => record.kind === "points");
 * assert.equal(points?.tag, "loss");
 * assert.deepEqual([...points!.steps, ...points!.values], [0, 100, 2.3, 0.9]);
 * ```
 */
export async function* readTracker(
  file: TrackerFile,
  { isWanted }: ReadOptions = {},
): AsyncGenerator<TrackerRecord> {
  const output = new Output(file.path, isWanted);
  const parser = formatOfFile(file).parser(output);
  for await (const chunk of file.chunks()) {
    parser.push(chunk);
    yield* output.take();
  }
  parser.end();
  yield* output.take(true);
}
