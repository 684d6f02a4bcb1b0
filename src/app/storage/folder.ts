import { dirname, join } from "node:path";
import type { RunRecord } from "#results/run.ts";
import type { Kind } from "#study/study.ts";
import { slug } from "#spec/plan.ts";
import { diskStore } from "./disk.ts";
import { exists, unlessMissing } from "./missing.ts";
import { UsageError } from "../errors.ts";

/** `2026-11-28-07-45-00`, with a number where there are several of that second. */
const TIME = /^\d{4}(-\d\d){5}(-\d+)?$/;

/** The newest folder of a name in `within`. @throws {UsageError} where there is none. */
export async function newestFolder(name: string, within = "runs"): Promise<string> {
  const stem = slug(name);
  const entries = await Array.fromAsync(Deno.readDir(within)).catch(unlessMissing) ?? [];
  const isOne = ({ name, isDirectory }: Deno.DirEntry) =>
    isDirectory && name.startsWith(`${stem}-`) && TIME.test(name.slice(stem.length + 1));
  const newest = entries.filter(isOne).map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (!newest) {
    throw new UsageError(`Nothing to resume: ${within}/ has no folder ${stem}-…; name one with --out`);
  }
  return join(within, newest);
}

/** Makes `<within>/<name>-<time>`, with `-2`, `-3` … for starts within the same second: none is given out twice. */
export async function newFolder(name: string, within = "runs"): Promise<string> {
  const path = join(within, `${slug(name)}-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}`);
  await Deno.mkdir(dirname(path), { recursive: true });
  for (let number = 1;; number++) {
    const numbered = number === 1 ? path : `${path}-${number}`;
    try {
      await Deno.mkdir(numbered);
      return numbered;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw new UsageError(
          `Cannot write to ${numbered}: ${(error as Error).message}; name another folder with --out`,
        );
      }
    }
  }
}

/**
 * The folder of a new experiment, or of one to resume.
 *
 * @throws {UsageError} where it cannot be written to, or is not empty and `resume` is not asked for.
 */
export async function openFolder(folder: string, resume: boolean): Promise<void> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    if (entries.length > 0 && !resume) {
      throw new UsageError(
        `Cannot write to ${folder}: the folder is not empty, and nothing is overwritten. ` +
          "Name another with --out, or add --resume to continue the experiment in it",
      );
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot write to ${folder}: it is a file`);
    }
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (resume) throw new UsageError(`Cannot resume ${folder}: there is no such folder`);
  }
  try {
    await Deno.mkdir(join(folder, "runs"), { recursive: true });
    const probe = join(folder, `.writable-${crypto.randomUUID().slice(0, 8)}`);
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (error) {
    throw new UsageError(
      `Cannot write to ${folder}: ${(error as Error).message}; name another folder with --out`,
    );
  }
}

/** Kinds of results, and the file by which a folder of each is known. */
const KINDS = { experiment: "plan.json", sweep: "sweep.json", "range test": "range-test.json" } as const;

/** @throws {UsageError} where the folder holds results of another kind, which would be overwritten. */
export async function checkKind(folder: string, wanted: Kind): Promise<void> {
  if (wanted === "theory" && await exists(join(folder, "spec.yaml"))) {
    throw new UsageError(
      `Cannot resume ${folder}: it holds another experiment (spec.yaml); name another folder with --out`,
    );
  }
  for (const [kind, file] of Object.entries(KINDS)) {
    if (kind === wanted || !await exists(join(folder, file))) continue;
    throw new UsageError(
      `Cannot resume ${folder}: it holds ${kind === "experiment" ? "an" : "a"} ${kind} (${file}), not ${
        wanted === "experiment" ? "an" : "a"
      } ${wanted}; name another folder with --out`,
    );
  }
}

/**
 * Refuses to resume where the runs to come would not belong to those that are there.
 *
 * @throws {UsageError} for another spec, other data, or another device.
 * @throws {Failure} for a run whose record is damaged.
 */
export async function checkRuns(
  folder: string,
  specText: string,
  provenance: RunRecord["provenance"],
): Promise<void> {
  const earlier = await Deno.readTextFile(join(folder, "spec.yaml")).catch(unlessMissing);
  if (earlier !== undefined && earlier !== specText) {
    throw new UsageError(
      `Cannot resume ${folder}: it holds another experiment (its spec.yaml differs from what was asked for). ` +
        "Give the options it was started with, or name another folder with --out",
    );
  }
  for (const { plan, provenance: before } of await diskStore(folder).records()) {
    if (before.data_digest !== provenance.data_digest) {
      throw new UsageError(
        `Cannot resume ${folder}: run ${plan.id} was trained on other data; see --data-dir`,
      );
    }
    const [was, is] = [before.device, provenance.device].map(({ name, detail }) => `${name} (${detail})`);
    if (was !== is) {
      throw new UsageError(
        `Cannot resume ${folder}: run ${plan.id} was trained on ${was}, this would be ${is}; an experiment uses one ` +
          "device. Choose it with --backend and --threads, or name another folder with --out",
      );
    }
  }
}
