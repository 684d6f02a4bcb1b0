import { checkCheckpoint, CheckpointError, readCheckpoint } from "#train/checkpoint.ts";
import type { RunStart } from "../workers/protocol.ts";
import { sha256 } from "../sha256.ts";
import { checkpointIdentity } from "../storage/checkpoints.ts";
import { sameDevice } from "./conditions.ts";
import type { WorkerDatasets } from "./datasets.ts";
import { RefusedJob, type RunJob } from "./job.ts";
import { PartError } from "./parts.ts";
import { CHECKPOINT, type RunState } from "./run_state.ts";
import { openRunWriter } from "./run_writer.ts";
import type { Slot } from "./slot.ts";

/** A run that was taken this often without a checkpoint in between ends its workers, and is given up. */
const MOST_STARTS = 5;

/** Outcome of a job at this worker: trained to its end, done by another before, or to go on elsewhere. */
export type Trained = "done" | "known" | "stopped";

export interface TrainJobOptions {
  readonly slot: Slot;
  readonly state: RunState;
  readonly datasets: WorkerDatasets;
  /** Name of this worker. */
  readonly worker: string;
  readonly log: (text: string) => void;
}

/**
 * Trains the run of a job, from its last checkpoint where there is one, and reports all of it to Redis.
 *
 * @throws {RefusedJob} for a job of another device, or a checkpoint that does not belong to it.
 * @throws {LostRun} where another worker has taken it.
 * @throws {WorkerFailure} where its training breaks.
 */
export async function trainJob(
  job: RunJob,
  { slot, state, datasets, worker, log }: TrainJobOptions,
): Promise<Trained> {
  const data = await datasets.of(job);
  const device = await slot.open(job, data);
  if (!sameDevice(device, job.device)) {
    throw new RefusedJob(
      `it is for ${job.device.name} (${job.device.detail}); this worker trains on ${device.name} (${device.detail})`,
    );
  }
  const taken = await state.take(worker);
  if (taken.isDone) return "known";
  if (taken.starts > MOST_STARTS) {
    throw new RefusedJob(
      `it was begun ${MOST_STARTS} times without reaching a checkpoint; its workers ended`,
    );
  }
  const from = await beginning(job, state, log);
  const { step, events } = from?.own ? await readCheckpoint(from.bytes) : { step: 0, events: 0 };
  const writer = openRunWriter(state, { fence: taken.fence, entries: taken.entries, events, step });
  let isEnded = false;
  const running = slot.train(job, {
    startOf: () => Promise.resolve(from),
    onEvents: (_plan, batch) => {
      isEnded ||= batch.some((event) => event.kind === "ended" && event.reason !== "stopped");
      writer.events(batch);
    },
    onFile: (_plan, file) => writer.file(file),
  });
  try {
    await Promise.race([running, writer.lost]);
    await writer.close(isEnded);
    return isEnded ? "done" : "stopped";
  } catch (error) {
    // What the thread still does is nobody's any more.
    slot[Symbol.dispose]();
    running.catch(() => {});
    throw error;
  }
}

/** The newest checkpoint of the run itself, else what it starts from; `null` for fresh weights. */
async function beginning(
  job: RunJob,
  state: RunState,
  log: (text: string) => void,
): Promise<RunStart | null> {
  const identity = await checkpointIdentity(job.plan, { ...job.device, why: "" }, job.data_digest);
  for (const { file } of await state.checkpoints()) {
    try {
      const bytes = await state.file(CHECKPOINT, file);
      checkCheckpoint(await readCheckpoint(bytes), identity);
      return { bytes, own: true };
    } catch (error) {
      if (error instanceof CheckpointError && /does not belong/.test(error.message)) {
        throw new RefusedJob(error.message);
      }
      if (!(error instanceof PartError || error instanceof CheckpointError)) throw error;
      log(`Run ${job.plan.id}: a checkpoint cannot be used (${error.message}); the one before it is taken`);
    }
  }
  if (job.plan.start === undefined) return null;
  const start = await state.start();
  if (start === null) throw new PartError(`what run ${job.plan.id} starts from is not in the queue any more`);
  const bytes = await state.file("start", start);
  if (job.plan.start.kind === "file" && sha256(bytes) !== job.plan.start.digest) {
    throw new RefusedJob(`it starts from another file than the one that was sent (${job.plan.start.path})`);
  }
  return { bytes, own: false };
}
