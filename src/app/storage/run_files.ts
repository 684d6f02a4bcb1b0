import { counted } from "#lib/numbers.ts";
import { dirname, join } from "node:path";
import type { BrokenOff, RunFile } from "./store.ts";
import type { TrainEvent } from "#train/events.ts";
import { EVENTS, readEvents, wholeLines } from "#results/events.ts";
import { FileError } from "#results/file.ts";
import { checkCheckpoint, CheckpointError, readCheckpoint } from "#train/checkpoint.ts";
import { type CheckpointIdentity, trainingCheckpointOf } from "./checkpoints.ts";
import { UsageError } from "../errors.ts";
import { unlessMissing } from "./missing.ts";
import { explained, openAtEnd, rename, writeAtomic, writeBeside } from "./write.ts";

/** The newest checkpoint of a run that is not done. */
export const CHECKPOINT = "checkpoint.safetensors";
/** The last good checkpoint but one. */
const PREVIOUS = "checkpoint.previous.safetensors";
/** Folders in a run's folder. */
const BELOW = ["snapshots", "averages", "masks"];

/**
 * Writes a file into a run's folder, or removes it. A checkpoint replaces the one before it only when it is whole:
 * at every moment at least one whole checkpoint lies there, and the events that it counts lie on the disk.
 *
 * @throws {RangeError} for a name that a run does not leave.
 * @throws {Failure} where the disk is full; what was there is still there.
 */
export async function saveFile(folder: string, { name, bytes }: RunFile): Promise<void> {
  const path = pathOf(folder, name);
  if (bytes === null) return await removeIfThere(path);
  if (name !== CHECKPOINT) {
    await Deno.mkdir(dirname(path), { recursive: true }).catch((error) =>
      Promise.reject(explained(error, path))
    );
    return await writeAtomic(path, bytes);
  }
  using events = await openAtEnd(join(folder, EVENTS));
  await events.sync();
  const whole = await writeBeside(path, bytes);
  await Deno.rename(path, join(folder, PREVIOUS)).catch(unlessMissing);
  await rename(whole, path);
}

/**
 * Makes a run's folder, and that of all runs. The experiment's own must be there: below a disk that is gone nothing is
 * made anew.
 *
 * @throws {Failure} where it is not, or the disk is full or read-only.
 */
export async function makeRunFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(dirname(folder)).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
    await Deno.mkdir(folder);
  } catch (error) {
    throw explained(error, folder);
  }
}

/** A file of a run's folder; `null` where it is not there. @throws {RangeError} for a name that a run does not leave. */
export async function readFile(folder: string, name: string): Promise<Uint8Array | null> {
  return await readIfThere(pathOf(folder, name));
}

/** For a run that is done. */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const name of [CHECKPOINT, PREVIOUS]) await removeIfThere(join(folder, name));
  await removeTemporaries(folder);
}

/** Temporary files that a killed process left beside its targets. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const below of [folder, ...BELOW.map((name) => join(folder, name))]) {
    const entries = await Array.fromAsync(Deno.readDir(below)).catch(unlessMissing) ?? [];
    for (const { name } of entries) if (name.endsWith(".tmp")) await removeIfThere(join(below, name));
  }
}

/** Copies what a finished run left beside its record. @throws {Failure} where the disk is full. */
export async function copyFiles(from: string, to: string): Promise<void> {
  for await (const [name, bytes] of filesOf(from)) await saveFile(to, { name, bytes });
}

/** Artifacts of a run beside its record, checkpoints aside: names and bytes. */
export async function* filesOf(folder: string): AsyncGenerator<[name: string, bytes: Uint8Array]> {
  for (const below of ["", ...BELOW]) {
    const entries = await Array.fromAsync(Deno.readDir(join(folder, below))).catch(unlessMissing) ?? [];
    for (const { name } of entries) {
      const file = join(below, name);
      if (isArtifact(file) && name !== CHECKPOINT) yield [file, await Deno.readFile(join(folder, file))];
    }
  }
}

/**
 * The newest checkpoint of an interrupted run that is whole and belongs to it, else the one before. Its events
 * are cut back to those logged by then.
 *
 * @param notify receives the problem of a newer one that is passed over.
 * @returns `null` where the run left no checkpoint.
 * @throws {UsageError} where it left some and none can be used; nothing is changed then.
 */
export async function readBrokenOff(
  folder: string,
  identity: CheckpointIdentity,
  notify: (text: string) => void,
): Promise<BrokenOff | null> {
  const problems: string[] = [];
  for (const name of [CHECKPOINT, PREVIOUS]) {
    const path = join(folder, name);
    const bytes = await readIfThere(path);
    if (bytes === null) continue;
    try {
      const checkpoint = await readCheckpoint(bytes);
      checkCheckpoint(checkpoint, identity);
      trainingCheckpointOf(checkpoint);
      const events = await cutEvents(join(folder, EVENTS), checkpoint.events);
      await removeTemporaries(folder);
      for (const problem of problems) {
        notify(`${problem}. Continuing from the one before it, after ${counted(checkpoint.step, "step")}.\n`);
      }
      return { checkpoint: bytes, events };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      problems.push(`Cannot use ${path}: ${error.message}`);
    }
  }
  if (problems.length === 0) return null;
  throw new UsageError(
    `${
      problems.join("\n")
    }\nNothing was changed. Remove what is named here to train the run from its beginning, ` +
      "or name another folder with --out",
  );
}

/** Leaves the first `count` events. @throws {CheckpointError} where there are fewer, or one cannot be read. */
async function cutEvents(path: string, count: number): Promise<TrainEvent[]> {
  const text = new TextDecoder().decode(await readIfThere(path) ?? new Uint8Array());
  const lines = wholeLines(text);
  if (lines.length < count) {
    throw new CheckpointError(`${path} holds ${lines.length} of the ${count} events that came before it`);
  }
  const kept = lines.slice(0, count).map(({ line }) => line + "\n").join("");
  const events = eventsOf(kept, path);
  if (kept !== text) await writeAtomic(path, kept);
  return events;
}

function eventsOf(text: string, path: string): TrainEvent[] {
  try {
    return readEvents(text, path);
  } catch (error) {
    throw error instanceof FileError ? new CheckpointError(error.message) : error;
  }
}

/** Names of artifacts, with no way out of the run's folder. */
const NAME = /^(?:(?:snapshots|averages|masks)\/)?[a-z0-9][a-z0-9_-]*\.safetensors$/;

/** True where a run may leave a file of this name beside its record. */
export function isArtifact(name: string): boolean {
  return NAME.test(name);
}

function pathOf(folder: string, name: string): string {
  if (isArtifact(name)) return join(folder, name);
  throw new RangeError(
    `A run leaves no file ${
      JSON.stringify(name)
    }: expected name.safetensors, in snapshots/, averages/ or masks/ or in none of them`,
  );
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  return await Deno.readFile(path).catch(unlessMissing) ?? null;
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch(unlessMissing);
}
