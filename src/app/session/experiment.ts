import { stringify } from "yaml";
import type { Backend, BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { evidenceOf } from "#study/experiment/evidence.ts";
import type { Question } from "#study/exercise.ts";
import { openPool } from "../workers/pool.ts";
import { readPredictions } from "#study/experiment/predictions.ts";
import { createRunner } from "./runner.ts";
import { createStages } from "#study/experiment/stages.ts";
import { summarise } from "#study/experiment/summarise.ts";
import type { Summary } from "#results/summary.ts";
import type { Report } from "#report/model.ts";
import { printPath } from "#spec/path.ts";
import type { StartFiles } from "#spec/chain.ts";
import { missingStarts, planArms, PlanError, planTuning } from "#spec/plan.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { clockOf, type RunPlan } from "#spec/run_plan.ts";
import type { BuildContext } from "#schedules/entry.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import type { Spec } from "#spec/schema.ts";
import { diskStore } from "../storage/disk.ts";
import { checkKind, checkResumable, defaultFolder, earlierSeconds, openFolder } from "../storage/folder.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { openRunCache } from "../storage/run_cache.ts";
import { lockFolder } from "../storage/lock.ts";
import { type ExperimentOrigin, writeOrigin } from "../storage/origin.ts";
import { createProgress, stepsOf } from "../terminal/progress.ts";
import { commit, sha256, versions } from "./provenance.ts";
import { loadCustomModules, withDigests } from "./custom_modules.ts";
import { SPLIT_SEED } from "./split_seed.ts";
import { readStartFiles } from "./start_files.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import { schedulesOf } from "../workers/train_plan.ts";
import { spawnWorker } from "../workers/worker_port.ts";
import { writeReport } from "../reports/write_report.ts";

export interface ExperimentRequest {
  readonly spec: Spec;
  readonly questions: readonly Question[];
  readonly origin: ExperimentOrigin;
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  /** Runs at a time; `null` for what suits the device. */
  readonly jobs: number | null;
  /** Threads that share each batch; `null` for what suits the number of runs. */
  readonly threads: number | null;
  /** `null` for `runs/<name>-<time>`, or with `resume` the newest unfinished folder of that name. */
  readonly out: string | null;
  readonly resume: boolean;
  /** Folder of the experiment whose runs this one goes on from; absent for none. */
  readonly earlier?: string;
  /** Trains every run, also those that an experiment beside this one has made. */
  readonly fresh: boolean;
  /** Least time between checkpoints of a run, in seconds. */
  readonly checkpointS: number;
}

export interface ExperimentResult {
  readonly folder: string;
  readonly summary: Summary;
  readonly report: Report;
  /** True where the experiment was stopped before its end. */
  readonly interrupted: boolean;
}

/** Spec to report: tuning, then the arms, then the sensitivity sweep, each stage from what the one before found. */
export async function runExperiment(request: ExperimentRequest, io: CommandIo): Promise<ExperimentResult> {
  const { origin } = request;
  const started = performance.now();
  const spec = await withDigests(request.spec, origin.folder);
  const specText = stringify(spec);
  const folder = request.out ?? await defaultFolder(spec.name, request.resume);
  const data = await loadDataset({ ...spec.dataset, seed: SPLIT_SEED, dataDir: request.dataDir }, denoFiles);
  const files = await readStartFiles(spec, origin.folder);
  const totals = await expected(spec, { trainImages: data.train.count, files, folder: origin.folder });
  const { backend, why } = await chooseBackend(request.backend);
  const threads = request.threads ?? defaultThreads(backend, totals.widest);
  const jobs = request.jobs ?? defaultJobs(backend, totals.runs, threads);
  using pool = await openPool(jobs, spawnWorker, { backend, why, threads, folder: origin.folder, data });

  // Nothing is written before all that can be refused has been.
  const provenance = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: data.digest,
    commit: await commit(),
    versions: versions(),
  };
  if (request.resume) {
    await checkKind(folder, "experiment");
    await checkResumable(folder, specText, provenance);
  }
  await openFolder(folder, request.resume);
  using _lock = await lockFolder(folder);
  io.stderr(
    `${spec.name}: ${totals.runs} runs, ${totals.steps} steps, ${jobs} at a time, on ${pool.device.name}${
      why && ` (${why})`
    }, ` +
      `into ${folder}\n`,
  );

  const earlierS = await earlierSeconds(folder);
  const store = diskStore(folder, {
    runCache: request.fresh ? null : openRunCache(folder, specText, provenance, request.earlier),
    from: origin.folder,
    notify: io.stderr,
  });
  await store.writeSpec(specText);
  await writeOrigin(folder, { ...origin, dataDir: request.dataDir, backend, threads });
  const progress = await createProgress(io, totals, () => performance.now());
  const stop = stopOnSignal(() => pool.stop(), io, progress.close);
  const runner = createRunner({
    pool,
    store,
    provenance,
    checkpointMs: 1000 * request.checkpointS,
    onEvents: progress.events,
    onKnown: progress.known,
  });
  const stages = createStages({
    spec,
    data,
    files,
    runner,
    writePlans: store.writePlans,
    fits: (plan) => {
      const problem = problemOf(plan, totals.context);
      if (problem !== null) io.stderr(`Tuning goes no further on that side: ${problem}\n`);
      return problem === null;
    },
    onMore: progress.more,
  });
  let failure: Error | null = null;
  try {
    await stages.run(() => stop.asked);
  } catch (error) {
    failure = error as Error;
  } finally {
    stop.release();
    progress.close();
  }

  const complete = stages.isComplete() && failure === null;
  const results = stages.results();
  const kept = await readPredictions(results.arms, runner.file);
  const evidence = evidenceOf({
    ...results,
    predictions: {
      of: (plan) => kept.get(plan) ?? null,
      labels: { validation: data.validation.labels, test: data.test.labels },
    },
  });
  const summary = summarise(evidence, {
    complete,
    data,
    device: pool.device,
    questions: request.questions,
    introduction: origin.introduction,
    provenance: {
      at: provenance.at,
      command: origin.command,
      spec_digest: sha256(specText),
      commit: provenance.commit,
      versions: provenance.versions,
      jobs,
      wall_s: earlierS + (performance.now() - started) / 1000,
    },
  });
  await store.writeSummary(summary);
  const report = await writeReport(store, summary, results.arms);
  if (failure) {
    throw new Failure(
      `${failure.message}\nWhat was measured until then is kept, with a partial report, in ${folder}`,
      {
        cause: failure,
      },
    );
  }
  return { folder, summary, report, interrupted: !complete };
}

interface Expected {
  readonly runs: number;
  /** Steps of all runs. */
  readonly steps: number;
  /** Runs in the largest stage, which could go at once. */
  readonly widest: number;
  /** What the spec's schedules are built with. */
  readonly context: BuildContext;
}

/**
 * How many runs and steps an experiment asks for; tuned rates do not change it.
 *
 * @throws {UsageError} for a schedule that does not fit the run's length, which only shows once that is known.
 */
async function expected(
  spec: Spec,
  { trainImages, files, folder }: { trainImages: number; files: StartFiles; folder: string },
): Promise<Expected> {
  const anyRate = new Map(spec.arms.map(({ name }) => [name, spec.tune?.rates[0] ?? 0]));
  const stages = planned(() => [
    planTuning(spec, trainImages, files),
    planArms(spec, trainImages, anyRate, files),
    planSensitivity(spec, trainImages, anyRate, files).flatMap((cell) => cell.plans),
  ]);
  const plans = [...missingStarts(stages.flat()), ...stages.flat()];
  const context = await loadCustomModules(plans.flatMap(schedulesOf), folder);
  for (const plan of plans) checkPlan(plan, context);
  return {
    runs: plans.length,
    steps: stepsOf(plans),
    widest: Math.max(...stages.map(({ length }) => length)),
    context,
  };
}

/** @throws {UsageError} for a schedule that does not fit the run, or one of a group that waits for evaluations. */
export function checkPlan(plan: RunPlan, context: BuildContext): void {
  const problem = problemOf(plan, context);
  if (problem !== null) throw new UsageError(problem);
}

/** What of a plan's schedules does not fit its run; `null` where all do. */
function problemOf(plan: RunPlan, context: BuildContext): string | null {
  const { shape } = clockOf(plan);
  for (const [index, schedule] of schedulesOf(plan).entries()) {
    const group = index - 1;
    const place = group < 0 ? "schedule" : "schedule of a parameter group";
    const arm = `Arm ${
      JSON.stringify(plan.arm)
    } in a run of ${shape.totalSteps} steps, ${shape.stepsPerEpoch} an epoch`;
    const [problem] = checkSchedule(schedule, shape, context);
    if (problem) return `${arm}: ${printPath([place, ...problem.path])}: ${problem.message}`;
    if (group < 0 && plan.clock && buildSchedule(schedule, shape, context).feedback) {
      return `${arm}: ${schedule.name} waits for evaluations and begins anew when a run goes on: expected append`;
    }
    if (group >= 0 && buildSchedule(schedule, shape, context).feedback) {
      return `${arm}: ${place}: ${schedule.name} waits for evaluations; only the arm's own schedule can`;
    }
  }
  return null;
}

/** @throws {UsageError} for what cannot be planned. */
function planned<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    throw error instanceof PlanError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/**
 * Cores that runs would leave idle share the batches of a run. It depends on the number of runs alone, never on which
 * are left: sums over threads round differently, and the same experiment gives the same bits.
 */
export function defaultThreads(backend: Backend, widest: number): number {
  return backend === "wasm" ? Math.max(1, Math.floor(navigator.hardwareConcurrency / widest)) : 1;
}

/** One run fills a GPU; on the CPU each run takes its threads. */
export function defaultJobs(backend: Backend, runs: number, threads: number): number {
  if (backend === "webgpu") return 1;
  return Math.max(1, Math.min(Math.floor(navigator.hardwareConcurrency / threads), runs));
}
