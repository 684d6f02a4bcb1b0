import { join } from "node:path";
import { EVENTS, readEvents } from "#results/events.ts";
import { runFile, type RunRecord } from "#results/run.ts";

/**
 * The record that a run left in its folder.
 *
 * @throws {FileError} where a file of it is damaged, or of a newer version.
 * @throws {Deno.errors.NotFound} where there is none.
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const [record, events] = [join(folder, runFile.name), join(folder, EVENTS)];
  const { plan, provenance } = runFile.read(await Deno.readTextFile(record), record);
  return { plan, provenance, events: readEvents(await Deno.readTextFile(events), events) };
}
