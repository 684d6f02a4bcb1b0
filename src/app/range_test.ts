import { join } from "node:path";
import { stringify } from "yaml";
import type { BackendChoice } from "#compute/device.ts";
import { chooseBackend } from "#compute/devices.ts";
import { loadDataset } from "#datasets/catalog.ts";
import { denoFiles } from "#datasets/files.ts";
import { openPool, type Pool } from "#lab/pool.ts";
import { planChecks, planRamps, type Ramp, type RangeSetup } from "#lab/range_test/plan.ts";
import type { RangeTestResult } from "#lab/range_test/result.ts";
import { candidatesOf, chosenOf, rangeRuns, suggestionsOf } from "#lab/range_test/suggest.ts";
import { validate } from "#lab/range_test/validate.ts";
import type { RunPlan, RunRecord } from "#lab/record.ts";
import { endOf } from "#lab/store.ts";
import type { Report } from "#report/model.ts";
import type { Rule } from "#stats/rate_suggestions.ts";
import type { TrainEvent } from "#train/events.ts";
import { writeAtomic } from "./write.ts";
import { defaultFolder, openFolder } from "./folder.ts";
import { type CommandIo, Failure } from "./io.ts";
import { createProgress } from "./progress.ts";
import { commit, sha256, versions } from "./provenance.ts";
import { spawnRangeWorker } from "./range_worker_port.ts";
import { stopOnSignal } from "./stop_on_signal.ts";
import { spawnWorker } from "./worker_port.ts";

export interface RangeTestRequest {
  readonly name: string;
  readonly setup: RangeSetup;
  readonly ramp: Ramp;
  readonly smoothing: number;
  readonly seeds: readonly number[];
  /** The rule whose suggestion is judged, where it has one. */
  readonly rule: Rule;
  /** Updates of each short run that judges a suggestion; 0 for none. */
  readonly checkSteps: number;
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

/** The split of experiments: the images that are held out are the same ones. */
const SPLIT_SEED = 2017;

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
  const cores = navigator.hardwareConcurrency;
  const threads = request.threads ??
    (backend === "wasm" ? Math.max(1, Math.floor(cores / ramps.length)) : 1);
  const jobsFor = (runs: number) =>
    request.jobs ??
      (backend === "webgpu" ? 1 : Math.max(1, Math.min(Math.floor(cores / threads), runs)));
  const open = { backend, why, threads, folder: ".", data };

  // 1. The ramps. Nothing is written before all that can be refused has been.
  using pool = await openPool(jobsFor(ramps.length), () => spawnRangeWorker(smoothing), open);
  await openFolder(folder, false, "");
  const made = {
    at: new Date().toISOString(),
    device: pool.device,
    data_digest: data.digest,
    commit: await commit(),
    versions: versions(),
  };
  io.stderr(
    `${request.name}: ${ramps.length} ramps of ${ramp.steps} updates from ${ramp.from} to ${ramp.to}, ` +
      `${pool.size} at a time, on ${pool.device.name}${why && ` (${why})`}, into ${folder}\n`,
  );
  let running = pool;
  const stop = stopOnSignal(() => running.stop(), io, () => {});
  const phase = (plans: readonly RunPlan[]) => measured(running, plans, made, io);
  let failure: Error | null = null;
  const orFailure = (error: Error, records: RunRecord[]) => {
    failure = error;
    return records;
  };
  const ramped = await phase(ramps).catch((error) => orFailure(error.cause, error.records));
  const runs = rangeRuns(ramped, smoothing);
  const suggestions = suggestionsOf(runs, ramp.steps, smoothing);
  const chosen = chosenOf(suggestions, request.rule);

  // 2. Short runs at what was suggested, and around it.
  const candidates = chosen ? candidatesOf(chosen, suggestions) : [];
  const checks = planChecks(setup, candidates, seeds, checkSteps, data.train.count);
  let checked: RunRecord[] = [];
  if (checkSteps > 0 && checks.length > 0 && !stop.asked && failure === null) {
    using checking = await openPool(jobsFor(checks.length), spawnWorker, open);
    running = checking;
    io.stderr(
      `Short runs of ${checkSteps} updates at ${
        candidates.map(({ lr }) => lr).join(", ")
      }: ${checks.length} runs\n`,
    );
    checked = await phase(checks).catch((error) => orFailure(error.cause, error.records));
  }
  stop.release();

  // 3. What is kept.
  const ended = [...ramped, ...checked].every((record) => {
    const reason = endOf(record)?.reason;
    return reason === "budget" || reason === "diverged";
  });
  const planned = ramps.length + (checkSteps > 0 ? checks.length : 0);
  const { name: dataset, train, validation: held, test, digest } = data;
  const validation = checked.length === 0
    ? null
    : validate(candidates, checked, { steps: checkSteps, images: held.count });
  const result: RangeTestResult = {
    version: 1,
    kind: "range-test",
    name: request.name,
    complete: ended && ramped.length + checked.length === planned,
    dataset: {
      name: dataset,
      train: train.count,
      validation: held.count,
      test: test.count,
      digest,
    },
    model: setup.model,
    optimizer: setup.optimizer,
    batch_size: setup.batch_size,
    accumulate: setup.accumulate ?? 1,
    device: made.device,
    made: {
      at: made.at,
      command: request.command,
      spec_digest: sha256(stringify({ setup, ramp, smoothing, seeds, checkSteps, rule: request.rule })),
      commit: made.commit,
      versions: made.versions,
      jobs: jobsFor(Math.max(ramps.length, checks.length)),
      wall_s: (performance.now() - started) / 1000,
    },
    ramp,
    smoothing,
    runs,
    suggestions,
    chosen,
    recommended: validation === null ? chosen?.lr ?? null : validation.recommended,
    validation,
  };
  await writeAtomic(join(folder, "range-test.json"), JSON.stringify(result, null, 2) + "\n");
  const report = await writePage(folder, result);
  if (failure) {
    throw new Failure(
      `${
        (failure as Error).message
      }\nWhat was measured until then is kept, with a partial report, in ${folder}`,
      { cause: failure },
    );
  }
  return { folder, result, report };
}

/** A worker broke; what was measured until then is kept. */
class Broken extends Error {
  constructor(override readonly cause: Error, readonly records: RunRecord[]) {
    super(cause.message);
  }
}

/** Runs plans with progress on stderr; a record for each that was started. @throws {Broken} */
async function measured(
  pool: Pool,
  plans: readonly RunPlan[],
  made: RunRecord["made"],
  io: CommandIo,
): Promise<RunRecord[]> {
  const totals = { runs: plans.length, steps: plans.reduce((sum, plan) => sum + plan.total_steps, 0) };
  const progress = await createProgress(io, totals, () => performance.now());
  const events = new Map<string, TrainEvent[]>();
  const records = () =>
    plans.flatMap((plan): RunRecord[] => {
      const told = events.get(plan.id);
      return told ? [{ version: 1, plan, made, events: told }] : [];
    });
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
    throw new Broken(error as Error, records());
  } finally {
    progress.close();
  }
  return records();
}

async function writePage(folder: string, result: RangeTestResult): Promise<Report> {
  const [{ composeRangeTest }, { renderPage }, { assets }] = await Promise.all([
    import("#report/range_test.ts"),
    import("#report/html.ts"),
    import("#report/assets.ts"),
  ]);
  const report = composeRangeTest(result);
  await writeAtomic(join(folder, "report.html"), renderPage(report, assets));
  return report;
}
