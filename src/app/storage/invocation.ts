import { join, relative, resolve } from "node:path";
import type { Backend } from "#compute/device.ts";
import { FileError } from "#results/file.ts";
import { type OriginData, originFile } from "#results/origin.ts";
import { UsageError } from "../errors.ts";
import { unlessMissing } from "./missing.ts";
import { writeAtomic } from "./write.ts";

/** The invocation of a study: its command, without its spec. An experiment saves it, to resume from its folder. */
export interface Invocation {
  /** The command that reproduces the experiment. */
  readonly command: string;
  /** The exercise whose questions the report answers; `null` for a spec of one's own. */
  readonly exercise: string | null;
  /** The report's first paragraph; empty for a spec of one's own. */
  readonly introduction: string;
  /** Folder that the spec's modules and checkpoint files are relative to. */
  readonly folder: string;
}

/** The saved invocation of an experiment: what `resume` needs beside the spec. */
export interface KeptInvocation extends Invocation {
  /** `null` for the folder that is looked into where none is named. */
  readonly dataDir: string | null;
  /** Backend of its training; `null` where an earlier version of the lab did not record it. */
  readonly backend: Backend | null;
  /** That share each batch: sums over threads round differently. `null` as for the backend. */
  readonly threads: number | null;
}

export async function writeInvocation(experiment: string, invocation: KeptInvocation): Promise<void> {
  const data = originOf(experiment, invocation);
  await writeAtomic(join(experiment, originFile.name), JSON.stringify(data, null, 2) + "\n");
}

/** An invocation as it is saved in the folder of an experiment: paths are relative to that. */
export function originOf(experiment: string, invocation: KeptInvocation): OriginData {
  const { command, exercise, introduction, folder, dataDir, backend, threads } = invocation;
  return {
    version: 2,
    command,
    exercise,
    introduction,
    folder: relative(experiment, folder) || ".",
    data_dir: dataDir === null ? null : relative(experiment, dataDir) || ".",
    backend,
    threads,
  };
}

/** The inverse of {@link originOf}. */
export function invocationOf(experiment: string, origin: OriginData): KeptInvocation {
  const { command, exercise, introduction, folder, data_dir, backend, threads } = origin;
  const fromHere = (path: string) => relative("", resolve(experiment, path)) || ".";
  return {
    command,
    exercise,
    introduction,
    folder: fromHere(folder),
    dataDir: data_dir === null ? null : fromHere(data_dir),
    backend,
    threads,
  };
}

/** @throws {UsageError} where the folder has none, or a damaged one. */
export async function readInvocation(experiment: string): Promise<KeptInvocation> {
  const path = join(experiment, originFile.name);
  const text = await Deno.readTextFile(path).catch(unlessMissing);
  const again = "give the command it was started with, --out and --resume";
  if (text === undefined) {
    throw new UsageError(`Cannot resume ${experiment}: it holds no ${originFile.name}; ${again}`);
  }
  const origin = dataOf(
    text,
    path,
    (problem) => new UsageError(`Cannot resume ${experiment}: ${problem}; ${again}`),
  );
  return invocationOf(experiment, origin);
}

function dataOf(text: string, path: string, refusal: (problem: string) => UsageError): OriginData {
  try {
    return originFile.read(text, path);
  } catch (error) {
    throw error instanceof FileError ? refusal(error.message) : error;
  }
}
