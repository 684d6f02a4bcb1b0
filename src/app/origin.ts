import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "./errors.ts";
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

const FILE = "origin.json";

const schema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  exercise: z.string().nullable(),
  lede: z.string(),
  /** From the experiment's own folder, so that both can be moved together. */
  folder: z.string(),
});

export async function writeOrigin(experiment: string, origin: ExperimentOrigin): Promise<void> {
  const { command, exercise, lede, folder } = origin;
  const data = {
    version: 1,
    command,
    exercise,
    lede,
    folder: relative(experiment, folder) || ".",
  };
  await writeAtomic(join(experiment, FILE), JSON.stringify(data, null, 2) + "\n");
}

/** @throws {UsageError} where the folder has none, or a damaged one. */
export async function readOrigin(experiment: string): Promise<ExperimentOrigin> {
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
  const { command, exercise, lede, folder } = parsed.data;
  return { command, exercise, lede, folder: relative("", resolve(experiment, folder)) || "." };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
