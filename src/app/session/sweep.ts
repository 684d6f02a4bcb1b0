import { join } from "node:path";
import { canonicalJson } from "#lib/json.ts";
import { stringify } from "yaml";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { openPool } from "../workers/pool.ts";
import { createRunner } from "./runner.ts";
import { runSweep, type SweepState } from "#study/sweep/run.ts";
import { summariseSweep } from "#study/sweep/summarise.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import type { Report } from "#report/model.ts";
import { diskStore } from "../storage/disk.ts";
import { defaultJobs, defaultThreads } from "./experiment.ts";
import { checkKind, checkResumable, defaultFolder, openFolder } from "../storage/folder.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { openRunCache } from "../storage/run_cache.ts";
import { lockFolder } from "../storage/lock.ts";
import { createProgress } from "../terminal/progress.ts";
import { commit, sha256, versions } from "./provenance.ts";
import { withDigests } from "./custom_modules.ts";
import { SPLIT_SEED } from "./split_seed.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import { planSweep, totalsOf } from "./sweep_plan.ts";
import { readSweep } from "../storage/read_others.ts";
import { spawnWorker } from "../workers/worker_port.ts";
import { writeAtomic } from "../storage/write.ts";
import { pageOf } from "../reports/write_report.ts";

export interface SweepOptions {
  readonly spec: Spec;
  readonly request: SweepRequest;
  readonly vocabulary: Vocabulary;
  /** Folder that modules of custom schedules are relative to. */
  readonly folder: string;
  /** The command that makes the sweep again. */
  readonly command: string;
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  readonly jobs: number | null;
  readonly threads: number | null;
  /** `null` for `runs/<name>-sweep-<time>`, or with `resume` the newest such folder. */
  readonly out: string | null;
  readonly resume: boolean;
  /** Trains every run, also those that an experiment beside this one has made. */
  readonly fresh: boolean;
  /** Least time between checkpoints of a run, in seconds. */
  readonly checkpointS: number;
}

export interface SweepResult {
  readonly folder: string;
  readonly outcome: SweepOutcome;
  readonly report: Report;
  readonly interrupted: boolean;
}

/** Spec and request to a report: cells, rung after rung, kept on disk as they come. */
export async function sweep(options: SweepOptions, io: CommandIo): Promise<SweepResult> {
  const { request } = options;
  const started = performance.now();
  const spec = await withDigests(options.spec, options.folder);
  const specText = stringify(spec);
  const folder = options.out ?? await defaultFolder(`${spec.name} sweep`, options.resume);
  const data = await loadDataset({ ...spec.dataset, seed: SPLIT_SEED, dataDir: options.dataDir }, denoFiles);
  const plan = await planSweep({ ...options, spec }, data);
  const totals = totalsOf(plan);
  const { backend, why } = await chooseBackend(options.backend);
  const threads = options.threads ?? defaultThreads(backend, totals.widest);
  const jobs = options.jobs ?? defaultJobs(backend, totals.widest, threads);
  using pool = await openPool(jobs, spawnWorker, { backend, why, threads, folder: options.folder, data });

  const provenance = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: data.digest,
    commit: await commit(),
    versions: versions(),
  };
  const earlierS = options.resume ? await checkSame(folder, specText, request, provenance) : 0;
  await openFolder(folder, options.resume);
  using _lock = await lockFolder(folder);
  io.stderr(
    `${spec.name}: ${plan.cells.length} cells, ${totals.runs} runs at most, ${totals.steps} steps, ${jobs} at a time, ` +
      `on ${pool.device.name}${why && ` (${why})`}, into ${folder}\n`,
  );

  const store = diskStore(folder, {
    runCache: options.fresh ? null : openRunCache(folder, specText, provenance),
    notify: io.stderr,
  });
  await store.writeSpec(specText);
  const outcomeOf = (state: SweepState) =>
    summariseSweep(plan, state, {
      name: spec.name,
      model: request.axes.some(({ path }) => path === "model") ? "as the cell says" : spec.model,
      dataset: {
        name: data.name,
        train: data.train.count,
        validation: data.validation.count,
        test: data.test.count,
        digest: data.digest,
      },
      device: pool.device,
      provenance: {
        at: provenance.at,
        command: options.command,
        spec_digest: sha256(specText),
        commit: provenance.commit,
        versions: provenance.versions,
        jobs,
        wall_s: earlierS + (performance.now() - started) / 1000,
      },
    });
  const path = join(folder, "sweep.json");
  let state: SweepState = { rungs: [], hopeless: null, reachedEnd: false };
  const keep = async (now: SweepState): Promise<SweepOutcome> => {
    state = now;
    const outcome = outcomeOf(now);
    await writeAtomic(path, JSON.stringify(outcome, null, 2) + "\n");
    return outcome;
  };
  // The request is on disk before the first run, so that a sweep that is killed can be told from another one.
  await keep(state);
  const progress = await createProgress(io, totals, () => performance.now());
  const stop = stopOnSignal(() => pool.stop(), io, progress.close);
  const named = (run: RunPlan): RunPlan => ({ ...run, arm: `${run.arm}, ${run.id.replace(/-\d+$/, "")}` });
  const runner = createRunner({
    pool,
    store,
    provenance,
    checkpointMs: 1000 * options.checkpointS,
    onEvents: (run, events) => progress.events(named(run), events),
    onKnown: (run, record) => progress.known(named(run), record),
  });
  let failure: Error | null = null;
  try {
    await runSweep(plan, { runner, onState: keep });
  } catch (error) {
    failure = error as Error;
  } finally {
    stop.release();
    progress.close();
  }
  const outcome = await keep(state);
  const { composeSweep } = await import("#report/compose/sweep.ts");
  const report = composeSweep(outcome);
  await store.writeReport(await pageOf(report));
  if (failure) {
    throw new Failure(
      `${failure.message}\nWhat was measured until then is kept, with a partial report, in ${folder}`,
      { cause: failure },
    );
  }
  return { folder, outcome, report, interrupted: !outcome.complete };
}

/**
 * Refuses to go on with another sweep than the one in the folder.
 *
 * @returns seconds that it has taken so far.
 */
async function checkSame(
  folder: string,
  specText: string,
  request: SweepRequest,
  provenance: Parameters<typeof checkResumable>[2],
): Promise<number> {
  await checkKind(folder, "sweep");
  await checkResumable(folder, specText, provenance);
  const earlier = await readSweep(folder);
  if (earlier === null) return 0;
  // Whether it may stop early decides no run's numbers.
  const asked = ({ all: _all, ...rest }: SweepRequest) => canonicalJson(rest);
  if (asked(earlier.request) !== asked(request)) {
    throw new UsageError(
      `Cannot resume ${folder}: it holds another sweep (its axes, method, seeds or length differ). ` +
        "Give the options it was started with, or name another folder with --out",
    );
  }
  return earlier.provenance.wall_s;
}
