import type { Backend } from "#compute/device.ts";
import { chooseBackend, gpuRunsAtOnce } from "#compute/devices.ts";
import { buildModel } from "#compute/models.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { Totals } from "#study/study.ts";
import type { CommandIo } from "../io.ts";
import { openPool, type Pool } from "../workers/pool.ts";
import { spawnWorker } from "../workers/worker_port.ts";
import { defaultJobs, defaultThreads } from "../machine/cores.ts";
import type { SessionFacts } from "./facts.ts";
import type { SessionOptions } from "./options.ts";
import { commit, versions } from "../machine/provenance.ts";
import { recordedDevice } from "./recorded_device.ts";

/** Those who train the runs of a study, behind one port: threads of this machine, or the workers of a queue. */
export interface Trainers {
  readonly pool: Pool;
  /** Why no better device is used; empty where there is none or this one was asked for. */
  readonly why: string;
  /** Threads that share each batch. */
  readonly threads: number;
  /** Runs at a time. */
  readonly jobs: number;
}

/** The runs of a study. */
interface Runs extends Required<Pick<Totals, "widest" | "atOnce">> {
  /** Plans that stand for all. */
  readonly samples: readonly RunPlan[];
}

/**
 * Opens them as the options say.
 *
 * @throws {WorkerFailure} where the device cannot be opened.
 */
export async function openTrainers(
  { widest, atOnce, samples }: Runs,
  { data }: Pick<SessionFacts, "data">,
  options: SessionOptions,
  { spawnWorker: spawn = spawnWorker, stderr: notify }: Pick<CommandIo, "spawnWorker" | "stderr">,
): Promise<Trainers> {
  const { queue, backend: choice, invocation: { folder } } = options;
  if (queue === undefined) {
    const { backend, why } = await chooseBackend(choice);
    const threads = options.threads ?? defaultThreads(backend, widest);
    const jobs = options.jobs ?? await jobsOf(backend, { atOnce, samples }, threads, data);
    const open = { backend, why, threads, folder, data };
    return { pool: await openPool(jobs, spawn, open), why, threads, jobs };
  }
  const { openQueuePool } = await import("../queue/pool.ts");
  // As this machine would, so that the same command gives the same figures with a queue and without.
  const threads = options.threads ?? (choice === "webgpu" ? 1 : defaultThreads("wasm", widest));
  const device = options.resume && options.out !== null ? await recordedDevice(options.out) : null;
  const pool = await openQueuePool(queue, {
    wanted: { backend: choice, threads, device, commit: await commit(), versions: versions() },
    data,
    most: options.jobs,
    fresh: options.fresh,
    notify,
  });
  return { pool, why: "", threads: pool.device.backend === "wasm" ? threads : 1, jobs: pool.size };
}

/** Runs at a time by default. Those on images with masks share no dispatches: their losses are the host's. */
async function jobsOf(
  backend: Backend,
  { atOnce, samples }: Pick<Runs, "atOnce" | "samples">,
  threads: number,
  { shape, classes, labelUnit }: SessionFacts["data"],
): Promise<number> {
  if (backend !== "webgpu" || labelUnit === "pixel") return defaultJobs(backend, atOnce, threads);
  const sizes = samples.map(({ model, batch_size }) => ({
    model: buildModel(model, shape, classes.length, labelUnit),
    batchSize: batch_size,
  }));
  return Math.max(1, Math.min(atOnce, await gpuRunsAtOnce(sizes)));
}
