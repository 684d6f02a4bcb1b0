import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { type Backend, BACKENDS } from "#compute/device.ts";
import { UsageError } from "../errors.ts";
import { unlessMissing } from "./run_files.ts";
import { writeAtomic } from "./write.ts";

/** How an experiment was asked for, beside its spec, so that its folder is enough to go on with it. */
export interface ExperimentOrigin {
  /** The command that makes the experiment again. */
  readonly command: string;
  /** The exercise whose questions the report answers; `null` for a spec of one's own. */
  readonly exercise: string | null;
  readonly lede: string;
  /** What the spec's modules and checkpoint files are relative to. */
  readonly folder: string;
}

/** What going on with an experiment takes beside its spec. */
export interface KeptOrigin extends ExperimentOrigin {
  /** `null` for the folder that is looked into where none is named. */
  readonly dataDir: string | null;
  /** What it trains on; `null` where an earlier version of the lab did not write it down. */
  readonly backend: Backend | null;
  /** That share each batch: sums over threads round differently. `null` as for the backend. */
  readonly threads: number | null;
}

const FILE = "origin.json";

const schema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  exercise: z.string().nullable(),
  lede: z.string(),
  /** From the experiment's own folder, so that both can be moved together. */
  folder: z.string(),
  /** From there too. */
  data_dir: z.string().nullable().default(null),
  backend: z.enum(BACKENDS).nullable().default(null),
  threads: z.int().min(1).nullable().default(null),
});

export async function writeOrigin(experiment: string, origin: KeptOrigin): Promise<void> {
  const { command, exercise, lede, folder, dataDir, backend, threads } = origin;
  const data: z.infer<typeof schema> = {
    version: 1,
    command,
    exercise,
    lede,
    folder: relative(experiment, folder) || ".",
    data_dir: dataDir === null ? null : relative(experiment, dataDir) || ".",
    backend,
    threads,
  };
  await writeAtomic(join(experiment, FILE), JSON.stringify(data, null, 2) + "\n");
}

/** @throws {UsageError} where the folder has none, or a damaged one. */
export async function readOrigin(experiment: string): Promise<KeptOrigin> {
  const path = join(experiment, FILE);
  const text = await Deno.readTextFile(path).catch(unlessMissing);
  const again = "give the command it was started with, --out and --resume";
  if (text === undefined) {
    throw new UsageError(`Cannot resume ${experiment}: it holds no ${FILE}; ${again}`);
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [{ path: at, message } = { path: [], message: "" }] = parsed.error.issues;
    throw new UsageError(`Cannot resume ${experiment}: ${path}: ${[...at, message].join(": ")}; ${again}`);
  }
  const { command, exercise, lede, folder, data_dir, backend, threads } = parsed.data;
  const fromHere = (path: string) => relative("", resolve(experiment, path)) || ".";
  return {
    command,
    exercise,
    lede,
    folder: fromHere(folder),
    dataDir: data_dir === null ? null : fromHere(data_dir),
    backend,
    threads,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
