import { join } from "node:path";
import { stringify } from "yaml";
import type { Backend, BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { openPool, type Pool } from "../workers/pool.ts";
import { assemble, type RangeTestInput } from "#study/lr_range_test/assemble.ts";
import { planChecks, planRamps } from "#study/lr_range_test/plan.ts";
import type { RangeTestResult } from "#results/lr_range_test.ts";
import { readRamps } from "#study/lr_range_test/suggest.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { Report } from "#report/model.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { TrainEvent } from "#train/events.ts";
import { writeAtomic } from "../storage/write.ts";
import { defaultFolder, openFolder } from "../storage/folder.ts";
import { type CommandIo, Failure } from "../io.ts";
import { createProgress } from "../terminal/progress.ts";
import { commit, sha256, versions } from "./provenance.ts";
import { spawnRangeWorker } from "../workers/lr_range_worker_port.ts";
import { SPLIT_SEED } from "./split_seed.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import { spawnWorker } from "../workers/worker_port.ts";

export interface RangeTestRequest extends RangeTestInput {
  readonly seeds: readonly number[];
  /** The rule whose suggestion is judged, where it has one. */
  readonly rule: Rule;
  /** The command that makes it again. */
  readonly command: string;
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  /** Runs at a time; `null` for what suits the device. */
  readonly jobs: number | null;
  /** Threads that share each batch; `null` for what suits the number of ramps. */
  readonly threads: number | null;
  /** `null` for `runs/range-test-<name>-<time>`. */
  readonly out: string | null;
}

export interface RangeTestOutcome {
  readonly folder: string;
  readonly result: RangeTestResult;
  readonly report: Report;
}

/** Ramps, suggestions, short runs that judge them, and a page: `range-test.json` and `report.html`. */
export async function runRangeTest(request: RangeTestRequest, io: CommandIo): Promise<RangeTestOutcome> {
  const { setup, ramp, smoothing, seeds, checkSteps } = request;
  const started = performance.now();
  const folder = request.out ?? await defaultFolder(`range test ${request.name}`, false);
  const data = await loadDataset(
    { ...setup.dataset, seed: SPLIT_SEED, dataDir: request.dataDir },
    denoFiles,
  );
  const ramps = planRamps(setup, ramp, seeds, data.train.count);
  const { backend, why } = await chooseBackend(request.backend);
  const { threads, jobsFor } = share(backend, ramps.length, request);
  const open = { backend, why, threads, folder: ".", data };

  // 1. The ramps. Nothing is written before all that can be refused has been.
  using pool = await openPool(jobsFor(ramps.length), () => spawnRangeWorker(smoothing), open);
  await openFolder(folder, false, "");
  const provenance = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: data.digest,
    commit: await commit(),
    versions: versions(),
  };
  io.stderr(
    `${request.name}: ${ramps.length} ramps of ${ramp.steps} steps from ${ramp.from} to ${ramp.to}, ` +
      `${pool.size} at a time, on ${pool.device.name}${why && ` (${why})`}, into ${folder}\n`,
  );
  let running = pool;
  const stop = stopOnSignal(() => running.stop(), io, () => {});
  const ramped = await runAll(pool, ramps, provenance, io);
  const reading = readRamps(ramped.records, request);

  // 2. Short runs at what was suggested, and around it.
  const candidates = checkSteps === 0 ? [] : reading.candidates;
  const checks = planChecks(setup, candidates, seeds, checkSteps, data.train.count);
  let checked: Ran = { records: [], failure: ramped.failure };
  if (checks.length > 0 && !stop.asked && ramped.failure === null) {
    using checking = await openPool(jobsFor(checks.length), spawnWorker, open);
    running = checking;
    if (stop.asked) checking.stop();
    const rates = candidates.map(({ lr }) => lr).join(", ");
    io.stderr(`Short runs of ${checkSteps} steps at ${rates}: ${checks.length} runs\n`);
    checked = await runAll(checking, checks, provenance, io);
  }
  stop.release();

  // 3. What is kept.
  const { records, failure } = checked;
  const planned = ramps.length + checks.length;
  const output = { reading, ramped: ramped.records, checked: records, planned, data };
  const { at, commit: from, versions: used } = provenance;
  const result = assemble(request, output, {
    device: pool.device,
    provenance: {
      at,
      command: request.command,
      spec_digest: sha256(stringify({ setup, ramp, smoothing, seeds, checkSteps, rule: request.rule })),
      commit: from,
      versions: used,
      jobs: jobsFor(Math.max(ramps.length, checks.length)),
      wall_s: (performance.now() - started) / 1000,
    },
  });
  await writeAtomic(join(folder, "range-test.json"), JSON.stringify(result, null, 2) + "\n");
  const report = await writePage(folder, result);
  if (failure) {
    throw new Failure(
      `${failure.message}\nWhat was measured until then is kept, with a partial report, in ${folder}`,
      { cause: failure },
    );
  }
  return { folder, result, report };
}

/** Threads of each run, as ramps leave cores idle, and how many runs go at a time. */
function share(backend: Backend, ramps: number, { threads: asked, jobs }: RangeTestRequest) {
  const cores = navigator.hardwareConcurrency;
  const threads = asked ?? (backend === "wasm" ? Math.max(1, Math.floor(cores / ramps)) : 1);
  const most = backend === "webgpu" ? 1 : Math.floor(cores / threads);
  return { threads, jobsFor: (runs: number) => jobs ?? Math.max(1, Math.min(most, runs)) };
}

/** A record for each run that was started, and what broke a worker. */
interface Ran {
  readonly records: readonly RunRecord[];
  readonly failure: Error | null;
}

/** Runs plans with progress on stderr. */
async function runAll(
  pool: Pool,
  plans: readonly RunPlan[],
  provenance: RunRecord["provenance"],
  io: CommandIo,
): Promise<Ran> {
  const totals = { runs: plans.length, steps: plans.reduce((sum, plan) => sum + plan.total_steps, 0) };
  const progress = await createProgress(io, totals, () => performance.now());
  const events = new Map<string, TrainEvent[]>();
  let failure: Error | null = null;
  try {
    await pool.run(plans, {
      startOf: () => Promise.resolve(null),
      onEvents: (plan, batch) => {
        events.set(plan.id, [...events.get(plan.id) ?? [], ...batch]);
        progress.events(plan, batch);
      },
      onFile: () => {},
    }, null);
  } catch (error) {
    failure = error as Error;
  } finally {
    progress.close();
  }
  const records = plans.flatMap((plan): RunRecord[] => {
    const told = events.get(plan.id);
    return told ? [{ version: 1, plan, provenance, events: told }] : [];
  });
  return { records, failure };
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
