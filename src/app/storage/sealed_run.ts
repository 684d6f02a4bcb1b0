import { join } from "node:path";
import { EVENTS } from "#results/events.ts";
import { filesFile } from "#results/files.ts";
import { runFile, type RunRecord } from "#results/run.ts";
import { Failure } from "../errors.ts";
import { sha256 } from "../sha256.ts";
import { readResult } from "./read_result.ts";
import { readRun } from "./read_run.ts";
import { unlessMissing } from "./missing.ts";
import { filesOf, isArtifact } from "./run_files.ts";
import { openAtEnd, writeAtomic } from "./write.ts";

/** Writes the list of all files that a finished run left, with their sizes and digests. */
export async function sealRun(folder: string): Promise<void> {
  // On the disk itself: after a crash the list must not be there without them.
  using events = await openAtEnd(join(folder, EVENTS));
  await events.sync();
  const files = [];
  for (const name of [runFile.name, EVENTS]) {
    files.push(entryOf(name, await Deno.readFile(join(folder, name))));
  }
  for await (const [name, bytes] of filesOf(folder)) files.push(entryOf(name, bytes));
  await writeAtomic(join(folder, filesFile.name), JSON.stringify({ version: 2, files }, null, 2) + "\n");
}

/**
 * The record of a run that its shard has finished; `null` where it has not.
 *
 * @throws {Failure} where one of its files is missing or is not what was written.
 */
export async function readSealed(folder: string): Promise<RunRecord | null> {
  const listed = await readResult(folder, filesFile);
  if (listed === null) return null;
  const refuse = (problem: string, cause?: unknown) =>
    new Failure(
      `Cannot use ${folder}: ${problem}. A file is damaged, or the folder was copied in part: copy it again, or ` +
        "remove it and call its shard again; the other runs stay as they are",
      { cause },
    );
  const names = listed.files.map(({ name }) => name);
  for (const name of [runFile.name, EVENTS]) {
    if (!names.includes(name)) throw refuse(`${filesFile.name} does not list ${name}`);
  }
  for (const { name, bytes, sha256: digest } of listed.files) {
    if (name !== runFile.name && name !== EVENTS && !isArtifact(name)) {
      throw refuse(`${filesFile.name} lists ${JSON.stringify(name)}, which no run leaves`);
    }
    const found = await Deno.readFile(join(folder, name)).catch(unlessMissing);
    if (found === undefined) throw refuse(`${name} is missing`);
    if (found.length !== bytes) throw refuse(`${name} has ${found.length} bytes, not ${bytes}`);
    if (sha256(found) !== digest) throw refuse(`${name} is not what was written`);
  }
  try {
    return await readRun(folder);
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
}

function entryOf(name: string, bytes: Uint8Array) {
  return { name: name.replaceAll("\\", "/"), bytes: bytes.length, sha256: sha256(bytes) };
}
