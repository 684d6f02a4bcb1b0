import type { DeviceInfo } from "#results/provenance.ts";
import type { TrainingData } from "#train/data.ts";
import { openPool, type Pool, type PoolListener } from "../workers/pool.ts";
import type { WorkerPort } from "../workers/protocol.ts";
import type { RunJob } from "./job.ts";

/** A place that trains one run at a time: a thread of the lab, which stays open for the next run on the same data. */
export interface Slot extends Disposable {
  /** Opens the thread for a job. @throws {WorkerFailure} where the device cannot be opened. */
  open(job: RunJob, data: TrainingData): Promise<DeviceInfo>;
  /** Trains the job's run, in the thread that was opened for it. */
  train(job: RunJob, listener: PoolListener): Promise<void>;
  /** Asks the run in progress to end after its step, with a checkpoint. */
  stop(): void;
}

/** @param folder that modules of custom schedules are relative to. */
export function openSlot(
  backend: DeviceInfo["backend"],
  folder: string,
  spawnWorker: () => WorkerPort,
): Slot {
  let pool: Pool | null = null;
  let opened = "";
  let isStopped = false;
  const close = () => {
    pool?.[Symbol.dispose]();
    pool = null;
    opened = "";
  };
  return {
    open: async ({ threads, data_digest }, data) => {
      const wanted = `${data_digest} ${threads}`;
      if (pool === null || opened !== wanted) {
        close();
        pool = await openPool(1, spawnWorker, { backend, why: "", threads, folder, data });
        opened = wanted;
      }
      return pool.device;
    },
    train: async ({ plan, checkpoint_ms }, listener) => {
      // It may have been asked for while the thread was opened.
      if (isStopped) pool!.stop();
      try {
        await pool!.run([plan], listener, checkpoint_ms);
      } catch (error) {
        // A thread that failed can do nothing more.
        close();
        throw error;
      }
    },
    stop: () => {
      isStopped = true;
      pool?.stop();
    },
    [Symbol.dispose]: close,
  };
}
