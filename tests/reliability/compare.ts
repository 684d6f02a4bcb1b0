/** What differs between two finished folders of one experiment: what was measured, what was kept, what was left over. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readSafetensors } from "#lib/safetensors.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import { trainingCheckpointOf } from "#app/storage/checkpoints.ts";

/** Files with the figures of a study, each of some kinds. */
const RESULTS = ["summary.json", "sweep.json", "range-test.json"];
/** What says when, where and how fast, or by which call. */
const CIRCUMSTANCES = ["at", "wall_s", "jobs", "ms_per_step", "command"];

/** Lines of a run's log; wall time is the one thing that may differ. */
async function linesOf(out: string, run: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(out, "runs", run, "events.jsonl")).catch(() => "");
  return text.split("\n").slice(0, -1).map((line) => line.replace(/"ms_per_step":[^}]*/, '"ms_per_step":0'));
}

async function runsOf(out: string): Promise<string[]> {
  // A kill may come before there are any.
  const entries = await Array.fromAsync(Deno.readDir(join(out, "runs"))).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

/** Progress of a study on disk: steps of all runs, and runs that have ended. */
export async function progressOf(out: string): Promise<{ readonly steps: number; readonly ended: number }> {
  const lines = (await Promise.all((await runsOf(out)).map((run) => linesOf(out, run)))).flat();
  const count = (kind: string) => lines.filter((line) => line.startsWith(`{"kind":"${kind}"`)).length;
  return { steps: count("step"), ended: count("ended") };
}

/**
 * Names of what differs: runs, events, every tensor of every file that was kept, figures, and files that a kill left.
 *
 * @param whole the folder that nothing disturbed.
 */
export async function differing(whole: string, out: string): Promise<string[]> {
  const names: string[] = [];
  const runs = await Promise.all([whole, out].map(runsOf));
  if (runs[0]!.length === 0 || runs[0]!.join() !== runs[1]!.join()) {
    names.push(`runs ${runs[0]} and ${runs[1]}`);
  }
  for (const run of runs[0]!) {
    const lines = await Promise.all([whole, out].map((folder) => linesOf(folder, run)));
    if (lines[0]!.length < 2 || lines[0]!.join("\n") !== lines[1]!.join("\n")) {
      names.push(`${run}/events.jsonl`);
    }
    const files = await Promise.all([whole, out].map((folder) => filesIn(join(folder, "runs", run))));
    if (files[0]!.join() !== files[1]!.join()) names.push(`${run}: files ${files[0]} and ${files[1]}`);
    for (const file of files[0]!.filter((name) => files[1]!.includes(name))) {
      const [a, b] = await Promise.all(
        [whole, out].map((folder) => content(join(folder, "runs", run, file))),
      );
      if (a !== b) names.push(`${run}/${file}`);
    }
  }
  for (const file of RESULTS) {
    const [a, b] = await Promise.all([whole, out].map((folder) => figuresOf(join(folder, file))));
    if (a !== b) names.push(file);
  }
  return names;
}

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const below of ["", "snapshots", "averages", "masks"]) {
    // Not every run has them.
    const entries = await Array.fromAsync(Deno.readDir(join(folder, below))).catch(() => []);
    names.push(...entries.map(({ name }) => join(below, name)));
  }
  return names.filter((name) => name.endsWith(".safetensors") || name.endsWith(".tmp")).sort();
}

/** Every tensor's bits; of a checkpoint also what else decides how a run goes on. */
async function content(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const { tensors, metadata } = readSafetensors(bytes);
  const { ["lr_lab/sha256"]: digest, ...rest } = tensors;
  const about = digest ? await readCheckpoint(bytes) : null;
  const values = Object.entries(rest).map(([name, { shape, data }]) => [
    name,
    shape,
    createHash("sha256").update(data).digest("hex"),
  ]);
  if (!about) return JSON.stringify([values, metadata]);
  const { step, feedback } = about;
  const { averaged, loss_weights } = trainingCheckpointOf(about).trainer;
  return JSON.stringify([values, { step, feedback, averaged, loss_weights }]);
}

/** A result without its circumstances; `null` where there is none. */
async function figuresOf(path: string): Promise<string | null> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (text === null) return null;
  return JSON.stringify(JSON.parse(text), (key, value) => CIRCUMSTANCES.includes(key) ? 0 : value);
}

/** Files that are written at this moment or were when their process was killed, by path: they have names that end so. */
export async function unfinished(folder: string, below = ""): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(folder, below))).catch(() => []);
  const found = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const path = join(below, name);
    if (isDirectory) return await unfinished(folder, path);
    if (name.endsWith(".tmp") || name.startsWith(".writable-")) return [path];
    return name === "events.jsonl" && await isCut(join(folder, path)) ? [path] : [];
  }));
  return found.flat();
}

async function isCut(log: string): Promise<boolean> {
  const bytes = await Deno.readFile(log).catch(() => new Uint8Array());
  return bytes.length > 0 && bytes.at(-1) !== 0x0a;
}
