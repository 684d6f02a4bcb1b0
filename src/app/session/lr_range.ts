import { join } from "node:path";
import { canonicalJson } from "#lib/json.ts";
import { stringify } from "yaml";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { openPool } from "../workers/pool.ts";
import { assemble, type RangeTestInput } from "#study/lr_range_test/assemble.ts";
import { planChecks, planRamps } from "#study/lr_range_test/plan.ts";
import type { RangeTestResult } from "#results/lr_range_test.ts";
import { readRamps } from "#study/lr_range_test/suggest.ts";
import type { RunPlan } from "#results/run.ts";
import type { Spec } from "#spec/schema.ts";
import type { Report } from "#report/model.ts";
import { RULES } from "#stats/rate_suggestions.ts";
import { writeAtomic } from "../storage/write.ts";
import { checkKind, checkResumable, defaultFolder, openFolder } from "../storage/folder.ts";
import { diskStore } from "../storage/disk.ts";
import { lockFolder } from "../storage/lock.ts";
import { readRangeTest } from "../storage/read_others.ts";
import { openRunCache } from "../storage/run_cache.ts";
import { type CommandIo, Failure, UsageError } from "../io.ts";
import { createProgress, stepsOf } from "../terminal/progress.ts";
import { defaultJobs, defaultThreads } from "./experiment.ts";
import { commit, sha256, versions } from "./provenance.ts";
import { createRunner } from "./runner.ts";
import { SPLIT_SEED } from "./split_seed.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import { spawnWorker } from "../workers/worker_port.ts";

export interface RangeTestRequest extends RangeTestInput {
  readonly seeds: readonly number[];
  /** The spec that {@link setup} is of, as it is written to the folder. */
  readonly spec: Spec;
  /** The command that makes it again. */
  readonly command: string;
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  /** Runs at a time; `null` for what suits the device. */
  readonly jobs: number | null;
  /** Threads that share each batch; `null` for what suits the number of ramps. */
  readonly threads: number | null;
  /** `null` for `runs/range-test-<name>-<time>`, or with `resume` the newest such folder. */
  readonly out: string | null;
  readonly resume: boolean;
  /** Trains every run, also those that an experiment beside this one has made. */
  readonly fresh: boolean;
  /** Least time between checkpoints of a run, in seconds. */
  readonly checkpointS: number;
}

export interface RangeTestOutcome {
  readonly folder: string;
  readonly result: RangeTestResult;
  readonly report: Report;
}

/** Ramps, suggestions, short runs that judge them, and a page: `range-test.json`, `report.html` and `runs/`. */
export async function runRangeTest(request: RangeTestRequest, io: CommandIo): Promise<RangeTestOutcome> {
  const { setup, ramp, smoothing, seeds, checkSteps } = request;
  const started = performance.now();
  const specText = stringify(request.spec);
  const folder = request.out ?? await defaultFolder(`range test ${request.name}`, request.resume);
  const data = await loadDataset(
    { ...setup.dataset, seed: SPLIT_SEED, dataDir: request.dataDir },
    denoFiles,
  );
  const ramps = planRamps(setup, request, seeds, data.train.count);
  const { backend, why } = await chooseBackend(request.backend);
  const threads = request.threads ?? defaultThreads(backend, ramps.length);
  const atOnce = checkSteps === 0 ? ramps.length : (RULES.length + 2) * seeds.length;
  const jobs = request.jobs ?? defaultJobs(backend, atOnce, threads);
  using pool = await openPool(jobs, spawnWorker, { backend, why, threads, folder: ".", data });

  // Nothing is written before all that can be refused has been.
  const provenance = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: data.digest,
    commit: await commit(),
    versions: versions(),
  };
  const earlierS = request.resume ? await checkSame(folder, specText, request, provenance) : 0;
  await openFolder(folder, request.resume);
  using _lock = await lockFolder(folder);
  io.stderr(
    `${request.name}: ${ramps.length} ramps of ${ramp.steps} steps from ${ramp.from} to ${ramp.to}, ` +
      `${jobs} at a time, on ${pool.device.name}${why && ` (${why})`}, into ${folder}\n`,
  );
  const store = diskStore(folder, {
    runCache: request.fresh ? null : openRunCache(folder, specText, provenance),
    notify: io.stderr,
  });
  await store.writeSpec(specText);
  let checks: RunPlan[] = [];
  const keep = async (): Promise<RangeTestResult> => {
    const ramped = runner.records(ramps);
    const output = {
      reading: readRamps(ramped, request),
      ramped,
      checked: runner.records(checks),
      planned: ramps.length + checks.length,
      data,
    };
    const { at, commit: from, versions: used } = provenance;
    const result = assemble(request, output, {
      device: pool.device,
      provenance: {
        at,
        command: request.command,
        spec_digest: sha256(stringify({ setup, ramp, smoothing, seeds, checkSteps, rule: request.rule })),
        commit: from,
        versions: used,
        jobs,
        wall_s: earlierS + (performance.now() - started) / 1000,
      },
    });
    await writeAtomic(join(folder, "range-test.json"), JSON.stringify(result, null, 2) + "\n");
    return result;
  };
  const totals = { runs: ramps.length, steps: stepsOf(ramps) };
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
  // The request is on disk before the first run, so that a range test that is killed can be told from another one.
  await keep();
  let failure: Error | null = null;
  try {
    // 1. The ramps.
    await runner.run(ramps);
    const { candidates } = readRamps(runner.records(ramps), request);
    // 2. Short runs at what was suggested, and around it.
    if (checkSteps > 0 && !stop.asked && candidates.length > 0) {
      checks = planChecks(setup, candidates, seeds, checkSteps, data.train.count);
      progress.more(checks);
      const rates = candidates.map(({ lr }) => lr).join(", ");
      io.stderr(`Short runs of ${checkSteps} steps at ${rates}: ${checks.length} runs\n`);
      await runner.run(checks);
    }
  } catch (error) {
    failure = error as Error;
  } finally {
    stop.release();
    progress.close();
  }

  // 3. What is kept.
  const result = await keep();
  const report = await writePage(folder, result);
  if (failure) {
    throw new Failure(
      `${failure.message}\nWhat was measured until then is kept, with a partial report, in ${folder}`,
      { cause: failure },
    );
  }
  return { folder, result, report };
}

/**
 * Refuses to go on with another range test than the one in the folder.
 *
 * @returns seconds that it has taken so far.
 */
async function checkSame(
  folder: string,
  specText: string,
  { ramp, smoothing, checkSteps, rule }: RangeTestRequest,
  provenance: Parameters<typeof checkResumable>[2],
): Promise<number> {
  await checkKind(folder, "range test");
  await checkResumable(folder, specText, provenance);
  const earlier = await readRangeTest(folder);
  if (earlier === null) return 0;
  const before = [earlier.ramp, earlier.smoothing, earlier.check_steps, earlier.rule];
  if (canonicalJson(before) !== canonicalJson([ramp, smoothing, checkSteps, rule])) {
    throw new UsageError(
      `Cannot resume ${folder}: it holds another range test (its rates, steps, smoothing or rule differ). ` +
        "Give the options it was started with, or name another folder with --out",
    );
  }
  return earlier.provenance.wall_s;
}

async function writePage(folder: string, result: RangeTestResult): Promise<Report> {
  const [{ composeRangeTest }, { renderPage }, { assets }] = await Promise.all([
    import("#report/compose/lr_range.ts"),
    import("#report/render/html.ts"),
    import("#report/page/assets.ts"),
  ]);
  const report = composeRangeTest(result);
  await writeAtomic(join(folder, "report.html"), renderPage(report, assets));
  return report;
}
