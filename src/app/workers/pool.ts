import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import type { RunFile } from "../storage/store.ts";
import type { RunStart, WorkerPort, WorkerReply, WorkerRequest } from "./protocol.ts";
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

/** Workers that train, one run each at a time, or on a GPU one worker that trains several together. */
export interface Pool extends Disposable {
  /** The device that every worker opened. */
  readonly device: DeviceInfo;
  /** Runs at a time. */
  readonly size: number;
  /** Runs that were given up, where the workers are of a queue. */
  readonly dead?: readonly DeadLetter[];
  /**
   * Runs plans, in order, wherever one is free. Resolves when all are done, or, after `stop()`, when those in
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
 * Opens workers on the same device for `size` runs at a time: one worker for each run, but a GPU has one worker for all,
 * which share its dispatches.
 *
 * @throws {WorkerFailure} where a worker cannot open the device, or opens another than the first one did.
 */
export async function openPool(
  size: number,
  spawn: () => WorkerPort,
  open: Omit<Extract<WorkerRequest, { kind: "open" }>, "kind" | "stop" | "runs">,
): Promise<Pool> {
  await holdDriver(open.backend);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const runs = open.backend === "webgpu" ? size : 1;
  const workers = Array.from({ length: size / runs }, () => createWorker(spawn()));
  const close = () => workers.forEach(({ port }) => port.terminate());
  try {
    const devices = await Promise.all(
      workers.map((worker) => opened(worker, { kind: "open", ...open, runs, stop })),
    );
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
        const slots = workers.flatMap((worker) =>
          Array.from({ length: runs }, (_, place) => ({ worker, place }))
        );
        await Promise.all(slots.map(async ({ worker, place }) => {
          while (waiting.length > 0 && Atomics.load(stop, 0) === 0) {
            const plan = waiting.shift()!;
            try {
              const from = await listener.startOf(plan);
              const at = checkpointAt === undefined ? {} : { checkpointAt };
              await ran(worker, { kind: "run", place, plan, from, checkpointMs, ...at }, listener);
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

interface PoolWorker {
  readonly port: WorkerPort;
  /** Who listens to each of its runs, by place; while it opens, one for the worker. */
  readonly listeners: Map<number, (reply: WorkerReply) => void>;
}

function createWorker(port: WorkerPort): PoolWorker {
  const created: PoolWorker = { port, listeners: new Map() };
  port.listen((reply) => {
    if ("place" in reply && reply.place !== undefined) return created.listeners.get(reply.place)?.(reply);
    // It opened, or broke: then all of its runs did.
    for (const listener of [...created.listeners.values()]) listener(reply);
  });
  return created;
}

function opened({ port, listeners }: PoolWorker, request: WorkerRequest): Promise<DeviceInfo> {
  return new Promise((resolve, reject) => {
    listeners.set(0, (reply) => {
      if (reply.kind === "ready") resolve(reply.device);
      if (reply.kind === "failed") reject(failure(reply));
    });
    port.post(request);
  });
}

function ran(
  { port, listeners }: PoolWorker,
  request: Extract<WorkerRequest, { kind: "run" }>,
  listener: PoolListener,
): Promise<void> {
  return new Promise((resolve, reject) => {
    listeners.set(request.place, (reply) => {
      if (reply.kind === "events") listener.onEvents(request.plan, reply.events);
      if (reply.kind === "file") listener.onFile(request.plan, reply.file);
      if (reply.kind === "done") resolve();
      if (reply.kind === "failed") {
        reject(failure({ ...reply, message: `Run ${request.plan.id}: ${reply.message}` }));
      }
    });
    port.post(request);
  });
}

function failure({ message, stack }: Extract<WorkerReply, { kind: "failed" }>): WorkerFailure {
  const error = new WorkerFailure(message);
  if (stack !== null) error.stack = stack;
  return error;
}
