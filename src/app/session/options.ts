import type { BackendChoice } from "#compute/device.ts";
import type { QueueAddress } from "../queue/address.ts";
import type { Invocation } from "../storage/invocation.ts";

/** Options of a session, the same for every kind of study. */
export interface SessionOptions {
  readonly invocation: Invocation;
  /** `null` for `data`. */
  readonly dataDir: string | null;
  readonly backend: BackendChoice;
  /** Runs at a time; `null` for what suits the device. */
  readonly jobs: number | null;
  /** Threads that share each batch; `null` for what suits the number of runs. */
  readonly threads: number | null;
  /** `null` for `runs/<stem>-<time>`, or with `resume` the newest such folder. */
  readonly out: string | null;
  readonly resume: boolean;
  /** Trains every run, also those that a study beside this one has made. */
  readonly fresh: boolean;
  /** Folder of the experiment whose runs this one continues; `null` for none. */
  readonly earlier: string | null;
  /** Least time between checkpoints of a run, in seconds; `null` for none. */
  readonly checkpointS: number | null;
  /** Port of a page that shows the study while it runs, `null` for the usual one; absent for no page. */
  readonly serve?: number | null;
  /** Address of the queue whose workers train; absent where this machine does. */
  readonly queue?: QueueAddress;
  /** True for event files of TensorBoard beside the record; a resumed study goes on with those that it has. */
  readonly tensorboard?: boolean;
  /** Asks for a stop as Ctrl-C does, its reason being the words for it; absent for none. */
  readonly stop?: AbortSignal;
  /** True for no progress on stderr. */
  readonly quiet?: boolean;
  /** Step at which each run is interrupted, for a proof of resumption; absent for none. */
  readonly breakOff?: BreakOff;
}

/** The place at which a worker is lost, as in a crash. */
export interface BreakOff {
  /** Steps done. A run that ends there comes to its end. */
  readonly after: number;
  /** Receives each checkpoint. */
  readonly onCheckpoint: (bytes: Uint8Array) => void;
}
