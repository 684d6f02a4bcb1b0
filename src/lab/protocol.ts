import type { TrainingData } from "#train/data.ts";
import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { DeviceInfo } from "./record.ts";

/** What the pool asks of a worker: first `open`, then `run` as often as it likes, one at a time. */
export type WorkerRequest =
  | {
    readonly kind: "open";
    readonly backend: DeviceInfo["backend"];
    /** Why no better one is taken, for the record. */
    readonly why: string;
    /** Threads that share each batch of a run, on devices that can. */
    readonly threads: number;
    /** Folder that modules of custom schedules are relative to. */
    readonly folder: string;
    /** Pixels and labels lie on shared memory, so every worker reads the same copy. */
    readonly data: TrainingData;
    /** One shared word: anything but 0 asks the run in progress to stop after its update. */
    readonly stop: Int32Array;
  }
  | { readonly kind: "run"; readonly plan: RunPlan };

export type WorkerReply =
  | { readonly kind: "ready"; readonly device: DeviceInfo }
  | { readonly kind: "events"; readonly events: readonly TrainEvent[] }
  | { readonly kind: "done" }
  /** The worker can do nothing more; `message` is for the user, `stack` for --debug. */
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | null };

/** A worker as the pool sees it; the app room makes one of a thread. */
export interface WorkerPort {
  post(request: WorkerRequest): void;
  listen(onReply: (reply: WorkerReply) => void): void;
  terminate(): void;
}
