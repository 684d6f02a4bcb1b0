import { join } from "node:path";
import { type Shard, shardFile, type SplitStudy } from "#results/shard.ts";
import type { Spec } from "#spec/schema.ts";
import type { Kind, Study } from "#study/study.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { openFolder } from "../storage/folder.ts";
import { originOf } from "../storage/invocation.ts";
import { lockFolder } from "../storage/lock.ts";
import { exists, unlessMissing } from "../storage/missing.ts";
import {
  checkShard,
  finishedRuns,
  type Part,
  readShard,
  type ShardFolder,
  shardFolder,
} from "../storage/shards.ts";
import { writeAtomic } from "../storage/write.ts";
import type { SessionFacts } from "./facts.ts";
import type { SessionOptions } from "./options.ts";
import { sha256 } from "../sha256.ts";
import { type ShardOutcome, trainPart } from "./train_part.ts";
import { openTraining, type Training } from "./training.ts";

/** A part of a study, and whether it waits for the others. */
export interface ShardRequest extends Part {
  /** Milliseconds between looks for the runs of others, where a stage needs them; `null` to end there. */
  readonly waitMs: number | null;
}

/**
 * Trains one shard's part of a study, into a folder of its own in that of the study.
 *
 * @throws {UsageError} for what cannot be split, or does not belong to the shards that are there.
 * @throws {Failure} where a run or the disk failed, after what was measured was written.
 */
export async function runShard<K extends Kind>(
  study: Study<K>,
  options: SessionOptions,
  request: ShardRequest,
  { facts, io }: { readonly facts: (spec: Spec) => Promise<SessionFacts>; readonly io: CommandIo },
): Promise<ShardOutcome> {
  if (study.spec === null || study.asked === null) {
    throw new UsageError(`Cannot split ${study.name} into shards: it trains nothing`);
  }
  const { out } = options;
  if (out === null) {
    throw new UsageError("--shard needs --out: all shards of a study are called with the same folder");
  }
  using training = await openTraining(study, await facts(study.spec), options, {
    shards: request.of,
    io,
  });
  return await trainShard(training, study.asked, { out, options, request, io });
}

/** The same with workers that are open. */
export async function trainShard(
  training: Training<unknown>,
  study: SplitStudy,
  { out, options, request, io }: {
    readonly out: string;
    readonly options: SessionOptions;
    readonly request: ShardRequest;
    readonly io: CommandIo;
  },
): Promise<ShardOutcome> {
  const asked = shardOf(out, study, training, options, request);
  const place = shardFolder(out, request);
  const others = finishedRuns(out, asked, request.shard);
  await checkStudy(out, training.specText);
  await others.list();
  await openFolder(place.folder, await exists(place.folder));
  using _lock = await lockFolder(place.folder);
  await begin(place, asked, training.specText);
  return await trainPart(training, { study: out, place, others, options, waitMs: request.waitMs, io });
}

/** The `shard.json` of a shard that begins now. */
function shardOf(
  folder: string,
  study: SplitStudy,
  { specText, facts, jobs, backend, threads, provenance }: Training<unknown>,
  { invocation, dataDir }: SessionOptions,
  { shard, of }: Part,
): Shard {
  const { at, device, commit, versions } = provenance;
  return {
    version: 2,
    shard,
    of,
    at,
    jobs,
    study,
    spec_digest: sha256(specText),
    data_digest: facts.data.digest,
    device,
    commit,
    versions,
    origin: originOf(folder, { ...invocation, dataDir, backend, threads }),
  };
}

/** @throws {UsageError} where the folder holds another study. */
async function checkStudy(study: string, specText: string): Promise<void> {
  const spec = await Deno.readTextFile(join(study, "spec.yaml")).catch(unlessMissing);
  if (spec !== undefined && spec !== specText) {
    throw new UsageError(
      `Cannot use ${study}: it holds another experiment (its spec.yaml differs from what was asked for). ` +
        "Name another folder with --out",
    );
  }
}

/** Writes what this shard is; of one that was begun, checks that it is the same. */
async function begin(place: ShardFolder, asked: Shard, specText: string): Promise<void> {
  const path = join(place.folder, shardFile.name);
  if (await exists(path)) return checkShard(place.folder, await readShard(place), asked);
  await writeAtomic(join(place.folder, "spec.yaml"), specText);
  await writeAtomic(path, JSON.stringify(asked, null, 2) + "\n");
}
