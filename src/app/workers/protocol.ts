import type { TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { DeviceInfo } from "#results/run.ts";
import type { RunFile } from "../storage/store.ts";

/** A command to a worker: first `open`, then `run`, as many at a time as it was opened for. The plan says which kind of run it is. */
export type WorkerRequest =
  | {
    readonly kind: "open";
    readonly backend: DeviceInfo["backend"];
    /** Why no better one is taken, for the record. */
    readonly why: string;
    /** Threads that share each batch of a run, on devices that can. */
    readonly threads: number;
    /** Runs at a time: 1, but on devices that train several together. */
    readonly runs: number;
    /** Folder that modules of custom schedules are relative to. */
    readonly folder: string;
    /** Pixels and labels lie on shared memory, so every worker reads the same copy. */
    readonly data: TrainingData;
    /** One shared word: anything but 0 asks the runs in progress to stop after their step. */
    readonly stop: Int32Array;
  }
  | {
    readonly kind: "run";
    /** Which of its runs at a time, from 0; replies of the run carry it. */
    readonly place: number;
    readonly plan: RunPlan;
    /** A checkpoint to resume from. */
    readonly from: RunStart | null;
    /** Least time between checkpoints, in milliseconds; `null` for none. */
    readonly checkpointMs: number | null;
    /** Steps done at which there is a checkpoint whatever the time. */
    readonly checkpointAt?: number;
  };

/** A checkpoint as bytes: of this very run where it was broken off (`own`), or of the end of what it starts from. */
export interface RunStart {
  readonly bytes: Uint8Array;
  readonly own: boolean;
}

export type WorkerReply =
  | { readonly kind: "ready"; readonly device: DeviceInfo }
  | RunReply
  /** The worker can do nothing more; `message` is for the user, `stack` for --debug. `place`: of the run that failed. */
  | {
    readonly kind: "failed";
    readonly place?: number;
    readonly message: string;
    readonly stack: string | null;
  };

/** What a worker says of one of its runs. */
export type RunReply =
  | { readonly kind: "events"; readonly place: number; readonly events: readonly TrainEvent[] }
  /** It belongs on disk after all events before it. */
  | { readonly kind: "file"; readonly place: number; readonly file: RunFile }
  | { readonly kind: "done"; readonly place: number };

/** A worker as the pool sees it; the app room makes one of a thread. */
export interface WorkerPort {
  post(request: WorkerRequest): void;
  listen(onReply: (reply: WorkerReply) => void): void;
  terminate(): void;
}
