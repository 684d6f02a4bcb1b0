import { join } from "node:path";
import type { Shard } from "#results/shard.ts";
import { runKey } from "#spec/plan.ts";
import { createSplit, trainedSeconds } from "#study/shards.ts";
import {
  type Kind,
  type ProblemOf,
  recordsOf,
  type StageRecords,
  type StudyPlan,
  type StudyResults,
  type TrainingStudy,
} from "#study/study.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { diskStore } from "../storage/disk.ts";
import { openFolder } from "../storage/folder.ts";
import { invocationOf, type KeptInvocation, writeInvocation } from "../storage/invocation.ts";
import { lockFolder } from "../storage/lock.ts";
import { type BegunShard, finishedRuns, readShards } from "../storage/shards.ts";
import { writeAtomic } from "../storage/write.ts";
import { openChecker } from "../workers/schedule_checker.ts";
import { drive } from "./drive.ts";
import { loadFacts } from "./facts.ts";
import { type KnownRuns, knownRuns } from "./known_runs.ts";
import { predictionsIn, seenByShards } from "./open_runs.ts";
import { OUTPUTS, writeResult } from "./output.ts";
import { type MissingRuns, missingRuns } from "./train_part.ts";
import { planned } from "./training.ts";

/** The result of all shards in a folder. */
export interface Joined {
  readonly of: number;
  /** Runs that are there. */
  readonly runs: number;
  /** Runs of the stage that the study came to which are not; empty where it is whole. */
  readonly missing: readonly MissingRuns[];
}

export interface JoinOptions {
  /** `null` for the one that the shards were trained with. */
  readonly dataDir: string | null;
  /** The study that a shard is a part of. */
  readonly studyOf: (shard: Shard, specText: string, folder: string) => Promise<TrainingStudy<Kind>>;
  readonly io: CommandIo;
}

/**
 * Puts the runs of all shards into the study's folder, with the result that they have together: as one process leaves
 * it. Shards stay as they are.
 *
 * @returns `null` for a folder without shards.
 * @throws {UsageError} for shards that do not belong together, or whose data is not there.
 * @throws {Failure} for a run that is damaged.
 */
export async function joinShards(folder: string, options: JoinOptions): Promise<Joined | null> {
  const shards = await readShards(folder);
  const [first] = shards;
  if (first === undefined) return null;
  const { specText } = first;
  const study = await options.studyOf(first.shard, specText, folder);
  const invocation = invocationOf(folder, first.shard.origin);
  const facts = await loadFacts(study.spec, {
    invocation,
    dataDir: options.dataDir ?? invocation.dataDir,
  });
  if (facts.data.digest !== first.shard.data_digest) {
    throw new UsageError(`Cannot join ${folder}: its shards were trained on other data; see --data-dir`);
  }
  using checker = openChecker(invocation.folder);
  await openFolder(folder, true);
  using _lock = await lockFolder(folder);
  const plan = planned(() => study.plan(facts));
  const driven = await driveKnown(folder, plan, first.shard, (run) => checker.problemOf(run), options.io);
  await writeJoined(folder, study, shards, { ...driven, plan, invocation });
  if (driven.failure) throw new Failure(driven.failure.message, { cause: driven.failure });
  return {
    of: first.shard.of,
    runs: new Set(recordsOf(driven.stages).map(({ plan }) => runKey(plan))).size,
    missing: driven.missing,
  };
}

interface KnownStages {
  readonly stages: readonly StageRecords[];
  readonly missing: readonly MissingRuns[];
  readonly failure: Error | null;
  readonly known: KnownRuns;
}

/** Goes through a study as far as its runs are there; each is copied into the study's folder. */
async function driveKnown(
  folder: string,
  plan: StudyPlan<unknown>,
  shard: Shard,
  problemOf: ProblemOf,
  io: CommandIo,
): Promise<KnownStages> {
  const finished = finishedRuns(folder, shard);
  await finished.list();
  const known = knownRuns(diskStore(folder, { runCache: finished.find, notify: io.stderr }), () => {});
  const split = createSplit(shard.of);
  const { stages, missing, failure } = await drive(plan, {
    run: (plans) => {
      split.add(plans);
      return known.find(plans);
    },
    known,
    problemOf,
    seen: async (done) => await seenByShards(done, shard.of, known),
    isStopped: () => false,
    onStage: () => Promise.resolve(),
    onDone: () => Promise.resolve(),
  });
  return { stages, failure, known, missing: missingRuns(missing, split) };
}

/** Writes what one process leaves beside the runs. */
async function writeJoined<K extends Kind>(
  folder: string,
  study: TrainingStudy<K>,
  shards: readonly BegunShard[],
  { plan, stages, missing, failure, known, invocation }: KnownStages & {
    readonly plan: StudyPlan<StudyResults[K]>;
    readonly invocation: KeptInvocation;
  },
): Promise<void> {
  const { shard, specText } = shards[0]!;
  const { device, commit, versions, spec_digest, of, origin } = shard;
  const output = OUTPUTS[study.kind];
  const result = plan.summarise(stages, {
    device,
    provenance: {
      at: shards.map(({ shard }) => shard.at).sort()[0]!,
      command: origin.command,
      commit,
      versions,
      wall_s: trainedSeconds(recordsOf(stages)) / of,
      spec_digest,
      jobs: shards.reduce((sum, { shard }) => sum + shard.jobs, 0),
    },
    interrupted: missing.length > 0 || failure !== null,
    predictions: await predictionsIn(stages, known),
  });
  await writeAtomic(join(folder, "spec.yaml"), specText);
  if (output.listsPlans) {
    await writeInvocation(folder, invocation);
    await diskStore(folder).writePlans(stages.flatMap(({ plans }) => plans));
  }
  await writeResult(folder, output, result);
}
