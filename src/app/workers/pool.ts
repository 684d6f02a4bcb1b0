import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { RunFile, RunStart, WorkerPort, WorkerReply, WorkerRequest } from "./protocol.ts";
import { holdDriver } from "#compute/devices.ts";
import type { DeadLetter } from "#results/provenance.ts";
import type { DeviceInfo } from "#results/run.ts";

/** A worker broke: its device was lost, or it could not open the device that was asked for. */
export class WorkerFailure extends Error {
  override name = "WorkerFailure";
}

/** Callbacks of a pool while it runs plans. */
export interface PoolListener {
  /** Asked when a worker is free for the plan; `null` begins with fresh weights. */
  startOf(plan: RunPlan): Promise<RunStart | null>;
  onEvents(plan: RunPlan, events: readonly TrainEvent[]): void;
  /** A file that belongs on disk after the events before it. */
  onFile(plan: RunPlan, file: RunFile): void;
  /** News of those who train, for the user. */
  onNotice?(text: string): void;
}

/** Workers that train, one run each at a time. */
export interface Pool extends Disposable {
  /** The device that every worker opened. */
  readonly device: DeviceInfo;
  readonly size: number;
  /** Runs that were given up, where the workers are of a queue. */
  readonly dead?: readonly DeadLetter[];
  /**
   * Runs plans, in order, on whichever worker is free. Resolves when all are done, or, after `stop()`, when those in
   * progress have ended.
   *
   * @param checkpointMs least time between checkpoints of a run; `null` for none but the one of a stop.
   * @param checkpointAt steps done at which each run has a checkpoint besides.
   * @throws {WorkerFailure} when a worker breaks; runs that were done by then have reported all their events.
   */
  run(
    plans: readonly RunPlan[],
    listener: PoolListener,
    checkpointMs: number | null,
    checkpointAt?: number,
  ): Promise<void>;
  /** Asks every run in progress to end after its step; no other is started. */
  stop(): void;
}

/**
 * Opens `size` workers on the same device.
 *
 * @throws {WorkerFailure} where a worker cannot open the device, or opens another than the first one did.
 */
export async function openPool(
  size: number,
  spawn: () => WorkerPort,
  open: Omit<Extract<WorkerRequest, { kind: "open" }>, "kind" | "stop">,
): Promise<Pool> {
  await holdDriver(open.backend);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const slots = Array.from({ length: size }, () => slot(spawn()));
  const close = () => slots.forEach(({ port }) => port.terminate());
  try {
    const devices = await Promise.all(slots.map((each) => opened(each, { kind: "open", ...open, stop })));
    const device = devices[0]!;
    const other = devices.find(({ backend, name }) => backend !== device.backend || name !== device.name);
    if (other) {
      throw new WorkerFailure(
        `One worker opened ${device.name}, another ${other.name}: a run needs one device`,
      );
    }
    return {
      device,
      size,
      stop: () => Atomics.store(stop, 0, 1),
      run: async (plans, listener, checkpointMs, checkpointAt) => {
        const waiting = [...plans];
        await Promise.all(slots.map(async (each) => {
          while (waiting.length > 0 && Atomics.load(stop, 0) === 0) {
            const plan = waiting.shift()!;
            try {
              const from = await listener.startOf(plan);
              const at = checkpointAt === undefined ? {} : { checkpointAt };
              await ran(each, { kind: "run", plan, from, checkpointMs, ...at }, listener);
            } catch (error) {
              waiting.length = 0;
              Atomics.store(stop, 0, 1);
              throw error;
            }
          }
        }));
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface Slot {
  readonly port: WorkerPort;
  onReply: (reply: WorkerReply) => void;
}

function slot(port: WorkerPort): Slot {
  const created: Slot = { port, onReply: () => {} };
  port.listen((reply) => created.onReply(reply));
  return created;
}

function opened(slot: Slot, request: WorkerRequest): Promise<DeviceInfo> {
  return new Promise((resolve, reject) => {
    slot.onReply = (reply) => {
      if (reply.kind === "ready") resolve(reply.device);
      if (reply.kind === "failed") reject(failure(reply));
    };
    slot.port.post(request);
  });
}

function ran(
  slot: Slot,
  request: Extract<WorkerRequest, { kind: "run" }>,
  listener: PoolListener,
): Promise<void> {
  return new Promise((resolve, reject) => {
    slot.onReply = (reply) => {
      if (reply.kind === "events") listener.onEvents(request.plan, reply.events);
      if (reply.kind === "file") listener.onFile(request.plan, reply.file);
      if (reply.kind === "done") resolve();
      if (reply.kind === "failed") {
        reject(failure({ ...reply, message: `Run ${request.plan.id}: ${reply.message}` }));
      }
    };
    slot.port.post(request);
  });
}

function failure({ message, stack }: Extract<WorkerReply, { kind: "failed" }>): WorkerFailure {
  const error = new WorkerFailure(message);
  if (stack !== null) error.stack = stack;
  return error;
}
