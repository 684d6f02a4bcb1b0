import { stringify } from "yaml";
import type { Backend } from "#compute/device.ts";
import { buildModel } from "#compute/models.ts";
import type { RunRecord } from "#results/run.ts";
import { PlanError } from "#spec/plan.ts";
import type { Kind, ProblemOf, StudyPlan, StudyResults, TrainingStudy } from "#study/study.ts";
import { type CommandIo, UsageError } from "../io.ts";
import type { Pool } from "../workers/pool.ts";
import { openChecker, type ScheduleChecker } from "../workers/schedule_checker.ts";
import type { SessionFacts } from "./facts.ts";
import type { SessionOptions } from "./options.ts";
import { commit, versions } from "../machine/provenance.ts";
import { openTrainers } from "./trainers.ts";

/** Everything that a study trains with, before anything is written. Owns the workers. */
export interface Training<Result> extends Disposable {
  readonly facts: SessionFacts;
  /** The spec as it is written to the folder. */
  readonly specText: string;
  readonly plan: StudyPlan<Result>;
  readonly problemOf: ProblemOf;
  readonly pool: Pool;
  readonly backend: Backend;
  /** Why no better device is used; empty where there is none or this one was asked for. */
  readonly why: string;
  readonly threads: number;
  readonly jobs: number;
  /** Of each run. */
  readonly provenance: RunRecord["provenance"];
}

/**
 * Plans a study, checks the plan and opens the workers.
 *
 * @param context shards that share the runs, and the outside world: it receives lines while workers are waited for.
 * @throws {UsageError} for what cannot be planned, or a schedule that does not fit its run.
 * @throws {WorkerFailure} where the device cannot be opened.
 */
export async function openTraining<K extends Kind>(
  study: TrainingStudy<K>,
  facts: SessionFacts,
  options: SessionOptions,
  { shards = 1, io }: { readonly shards?: number; readonly io: Pick<CommandIo, "spawnWorker" | "stderr"> },
): Promise<Training<StudyResults[K]>> {
  const { folder } = options.invocation;
  const plan = planned(() => study.plan(facts));
  using owned = new DisposableStack();
  const checker = owned.use(openChecker(folder));
  checkModels(plan, facts);
  await checkSamples(plan, checker);
  const { widest, atOnce = widest } = plan.totals;
  const { pool, why, threads, jobs } = await openTrainers(
    { widest, atOnce: Math.ceil(atOnce / shards), samples: plan.samples.map(({ plan }) => plan) },
    facts,
    options,
    io,
  );
  owned.use(pool);
  const provenance = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: facts.data.digest,
    commit: await commit(),
    versions: versions(),
  };
  const workers = owned.move();
  return {
    facts,
    specText: stringify(facts.spec),
    plan,
    problemOf: (plan) => checker.problemOf(plan),
    pool,
    backend: pool.device.backend,
    why,
    threads,
    jobs,
    provenance,
    [Symbol.dispose]: () => workers.dispose(),
  };
}

/** @throws {UsageError} for what cannot be planned. */
export function planned<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    throw error instanceof PlanError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** @throws {UsageError} for a network that does not fit the images or the classes, which only shows once they are known. */
function checkModels({ samples }: Pick<StudyPlan<unknown>, "samples">, { data }: SessionFacts): void {
  for (const { plan, place } of samples) {
    try {
      buildModel(plan.model, data.shape, data.classes.length, data.labelUnit);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const images = `${data.name} has images of [${data.shape}] and ${data.classes.length} classes`;
      throw new UsageError(`${place}${error.message} (${images})`, { cause: error });
    }
  }
}

/** @throws {UsageError} for a schedule that does not fit its run, which only shows once the run's length is known. */
async function checkSamples(
  { samples }: Pick<StudyPlan<unknown>, "samples">,
  { problemOf }: ScheduleChecker,
): Promise<void> {
  for (const { plan, place } of samples) {
    const problem = await problemOf(plan);
    if (problem !== null) throw new UsageError(place + problem);
  }
}
