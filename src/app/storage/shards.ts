import { join } from "node:path";
import { canonicalJson } from "#lib/json.ts";
import { type Shard, shardFile } from "#results/shard.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import { Failure, UsageError } from "../errors.ts";
import { sha256 } from "../sha256.ts";
import { samePlan } from "./disk.ts";
import { readResult } from "./read_result.ts";
import type { CachedRun } from "./run_cache.ts";
import { unlessMissing } from "./missing.ts";
import { readSealed } from "./sealed_run.ts";

/** The part of a study that a process trains: number `shard`, from 1 on, of `of`. */
export type Part = Pick<Shard, "shard" | "of">;

/** A shard's folder in that of its study. */
export interface ShardFolder extends Part {
  readonly folder: string;
}

const NAME = /^shard-([1-9]\d*)-of-([1-9]\d*)$/;

export function shardFolder(study: string, { shard, of }: Part): ShardFolder {
  return { shard, of, folder: join(study, `shard-${shard}-of-${of}`) };
}

/** The shards that have begun, by number; none where there is no such folder. */
export async function shardFolders(study: string): Promise<ShardFolder[]> {
  const entries = await Array.fromAsync(Deno.readDir(study)).catch(unlessMissing) ?? [];
  return entries.flatMap(({ name, isDirectory }) => {
    const [, shard, of] = (isDirectory && NAME.exec(name)) || [];
    return shard && of ? shardFolder(study, { shard: Number(shard), of: Number(of) }) : [];
  }).sort((a, b) => a.of - b.of || a.shard - b.shard);
}

/** The runs that a study's shards have finished, read where they lie. */
export interface FinishedRuns {
  /**
   * Lists the runs that are there by now, for `find` to look at.
   *
   * @throws {UsageError} for a shard of another study, or one that was trained otherwise.
   */
  list(): Promise<void>;
  /** A run of this very plan; `null` where no shard had finished it. @throws {Failure} where it is damaged. */
  find(plan: RunPlan): Promise<CachedRun | null>;
}

/**
 * @param study folder of the study.
 * @param asked what each shard's `shard.json` has to say.
 * @param except number of the shard that is not looked into; absent for none.
 */
export function finishedRuns(study: string, asked: Shard, except?: number): FinishedRuns {
  const checked = new Set<string>();
  /** Folders of runs, finished or not, by id. */
  let listed = new Map<string, string[]>();
  return {
    list: async () => {
      listed = new Map();
      for (const place of await shardFolders(study)) {
        checkCount(place, asked);
        if (place.shard === except) continue;
        const runs = join(place.folder, "runs");
        const entries = await Array.fromAsync(Deno.readDir(runs)).catch(unlessMissing) ?? [];
        // A shard that begins has no run before it has said what it is.
        if (entries.length === 0) continue;
        if (!checked.has(place.folder)) checkShard(place.folder, await readShard(place), asked);
        checked.add(place.folder);
        for (const { name } of entries) listed.set(name, [...listed.get(name) ?? [], join(runs, name)]);
      }
    },
    find: async (plan) => {
      for (const folder of listed.get(plan.id) ?? []) {
        const record = await readSealed(folder);
        if (record !== null) return { record: checkPlan(record, plan, folder), folder };
      }
      return null;
    },
  };
}

/** @throws {UsageError} where a folder has no `shard.json`, or that of another shard. */
export async function readShard({ folder, shard, of }: ShardFolder): Promise<Shard> {
  const found = await readResult(folder, shardFile);
  if (found === null) {
    throw new UsageError(
      `Cannot use ${folder}: it has no ${shardFile.name}. It was copied in part: copy it again, or remove it`,
    );
  }
  if (found.shard === shard && found.of === of) return found;
  throw new UsageError(
    `Cannot use ${folder}: by its ${shardFile.name} it is shard ${found.shard} of ${found.of}. ` +
      "Give the folder back the name that it had",
  );
}

/** A shard that has begun, and the spec that it was begun with. */
export interface BegunShard {
  readonly shard: Shard;
  readonly specText: string;
}

/**
 * All shards that have begun, by number; none where the folder has none.
 *
 * @throws {UsageError} where they are not shards of one study that were trained alike, or a file of one is damaged.
 */
export async function readShards(study: string): Promise<BegunShard[]> {
  const begun: BegunShard[] = [];
  for (const place of await shardFolders(study)) {
    const shard = await readShard(place);
    const first = begun[0]?.shard ?? shard;
    checkCount(place, first);
    checkShard(place.folder, shard, first);
    const specText = await Deno.readTextFile(join(place.folder, "spec.yaml")).catch(unlessMissing);
    if (specText === undefined || sha256(specText) !== shard.spec_digest) {
      throw new UsageError(
        `Cannot use ${place.folder}: its spec.yaml is ${
          specText === undefined ? "missing" : "not what was written"
        }. ` +
          "The folder was copied in part, or the file is damaged: copy it again",
      );
    }
    begun.push({ shard, specText });
  }
  return begun;
}

/** @throws {UsageError} for a shard of a study that is split otherwise. */
export function checkCount({ folder, of }: ShardFolder, asked: Part): void {
  if (of === asked.of) return;
  throw new UsageError(
    `Cannot use ${folder}: the study is split into ${of} there and into ${asked.of} here. ` +
      "Give all of its shards the same number, or name another folder with --out",
  );
}

/**
 * @param found what a shard was trained as.
 * @param asked what it should have been trained as.
 * @throws {UsageError} where these are not shards of one study, trained alike.
 */
export function checkShard(folder: string, found: Shard, asked: Shard): void {
  const refuse = (what: string) => {
    throw new UsageError(
      `Cannot use ${folder}: ${what}. All shards of a study need the same options; give these, or name another folder ` +
        "with --out",
    );
  };
  if (found.spec_digest !== asked.spec_digest) refuse("it is of another plan (its spec.yaml differs)");
  if (canonicalJson(found.study) !== canonicalJson(asked.study)) {
    refuse(`it is of another plan (what its ${found.study.kind} was asked for differs)`);
  }
  if (found.origin.exercise !== asked.origin.exercise) refuse("it is of another exercise");
  if (found.data_digest !== asked.data_digest) refuse("it was trained on other data; see --data-dir");
  const [was, is] = [found, asked].map(({ device: { name, detail } }) => `${name} (${detail})`);
  if (was !== is) refuse(`it was trained on ${was}, this is ${is}; see --backend and --threads`);
  const [before, now] = [found, asked].map(versionText);
  if (before !== now) refuse(`it was trained by another version (${before}), this is ${now}`);
}

const versionText = ({ versions, commit }: Shard) =>
  [...Object.entries(versions).sort().map((entry) => entry.join(" ")), `commit ${commit ?? "unknown"}`]
    .join(", ");

function checkPlan(record: RunRecord, plan: RunPlan, folder: string): RunRecord {
  if (samePlan(record.plan, plan)) return record;
  throw new Failure(
    `Cannot use ${folder}: it is not the run that the study has under this name. ` +
      "Remove it and call its shard again; the other runs stay as they are",
  );
}
