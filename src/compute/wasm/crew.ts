import type { Split } from "#train/data.ts";
import type { Batch, Controls } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { parametersOf } from "../parameters.ts";
import type { Build } from "./build.ts";
import { paddedFloats } from "./plan.ts";
import type { Part } from "./replica.ts";
import { createTeamBuffers, Team, type TeamBuffers } from "./team.ts";

/** What the replicas of a run do next, all of them. */
export type Order =
  | { readonly kind: "update"; readonly batch: Batch; readonly controls: Controls; readonly part: Part }
  | { readonly kind: "estimate"; readonly batch: Batch; readonly keep: number }
  | { readonly kind: "reset" }
  | { readonly kind: "evaluate"; readonly split: Split }
  /** Takes every variable over from the shared state. */
  | { readonly kind: "load" };

/** Kind, detail, first, last, images, groups, start, step. */
const HEAD_WORDS = 8;
const KINDS = ["update", "estimate", "reset", "evaluate", "load"] as const;
const SPLITS = ["train", "validation", "test"] as const;

/** Shared memory through which orders and states go. Plain data. */
export interface OrderBuffers {
  readonly head: SharedArrayBuffer;
  readonly controls: SharedArrayBuffer;
  /** `[batchSize]` numbers of images, then shifts right, shifts down and flips. */
  readonly indices: SharedArrayBuffer;
  readonly moves: SharedArrayBuffer;
  /** All variables, one after another. */
  readonly state: SharedArrayBuffer;
}

/** What a worker needs to become a replica. */
export interface Enlistment {
  readonly options: LearnerOptions;
  readonly build: Build;
  readonly team: TeamBuffers;
  readonly rank: number;
  readonly orders: OrderBuffers;
}

/** Writes an order where the others find it behind the next barrier. */
export function writeOrder(order: Order, buffers: OrderBuffers): void {
  const head = new Int32Array(buffers.head);
  head[0] = KINDS.indexOf(order.kind);
  if (order.kind === "evaluate") head[1] = SPLITS.indexOf(order.split);
  if (order.kind !== "update" && order.kind !== "estimate") return;
  const { indices, shiftX, shiftY, flip } = order.batch;
  const capacity = buffers.indices.byteLength / 4;
  head[1] = indices.length;
  new Uint32Array(buffers.indices).set(indices);
  [shiftX, shiftY, flip].forEach((moves, row) => new Int8Array(buffers.moves).set(moves, row * capacity));
  const numbers = new Float64Array(buffers.controls);
  if (order.kind === "estimate") {
    numbers[0] = order.keep;
    return;
  }
  const { controls, part } = order;
  const { first, last, images, start } = part;
  // A step without a number has a step below 0 here.
  const step = controls.step ?? -1;
  head.set([Number(first), Number(last), images, controls.groups?.length ?? 0, start, step], 2);
  // A frozen group has no rate: NaN here.
  numbers.set([controls.lr, controls.momentum, ...(controls.groups ?? []).map((rate) => rate ?? NaN)]);
}

/** The order that {@link writeOrder} wrote. Its arrays are views, good until the next barrier but one. */
export function readOrder(buffers: OrderBuffers): Order {
  const [code, detail, first, last, images, groups, start, step] = new Int32Array(buffers.head);
  const kind = KINDS[code!]!;
  if (kind === "evaluate") return { kind, split: SPLITS[detail!]! };
  if (kind !== "update" && kind !== "estimate") return { kind };
  const size = detail!;
  const capacity = buffers.indices.byteLength / 4;
  const batch = {
    indices: new Uint32Array(buffers.indices, 0, size),
    shiftX: new Int8Array(buffers.moves, 0, size),
    shiftY: new Int8Array(buffers.moves, capacity, size),
    flip: new Uint8Array(buffers.moves, 2 * capacity, size),
  };
  const [lr, momentum, ...rates] = new Float64Array(buffers.controls);
  if (kind === "estimate") return { kind, batch, keep: lr! };
  const own = rates.slice(0, groups).map((rate) => Number.isNaN(rate) ? null : rate);
  const controls = {
    lr: lr!,
    momentum: momentum!,
    ...(step! >= 0 && { step: step! }),
    ...(groups! > 0 && { groups: own }),
  };
  return {
    kind,
    batch,
    controls,
    part: { first: first === 1, last: last === 1, images: images!, start: start! },
  };
}

/** The workers that compute the other shares of a run. The thread that owns the crew is replica 0. */
export class Crew implements Disposable {
  readonly team: Team;
  readonly #orders: OrderBuffers;
  readonly #workers: Worker[] = [];

  private constructor(team: TeamBuffers, orders: OrderBuffers) {
    this.team = new Team(team, 0);
    this.#orders = orders;
  }

  /** Starts `threads` − 1 workers and waits until each has planned its memory. */
  static async start(options: LearnerOptions, build: Build, threads: number, floats: number): Promise<Crew> {
    const orders: OrderBuffers = {
      head: new SharedArrayBuffer(4 * HEAD_WORDS),
      controls: new SharedArrayBuffer(8 * (2 + (options.optimizer.groups?.length ?? 0))),
      indices: new SharedArrayBuffer(4 * options.batchSize),
      moves: new SharedArrayBuffer(3 * options.batchSize),
      state: new SharedArrayBuffer(4 * floats),
    };
    const team = createTeamBuffers(threads, ...sumLengths(options));
    const crew = new Crew(team, orders);
    try {
      const shared = { ...options, data: shareData(options.data) };
      const ready = Array.from(
        { length: threads - 1 },
        (_, index) => crew.#enlist({ options: shared, build, team, rank: index + 1, orders }),
      );
      await Promise.all(ready);
      return crew;
    } catch (error) {
      crew[Symbol.dispose]();
      throw error;
    }
  }

  /** Sets the others to work on an order; the caller does its own part of it next. */
  give(order: Order): void {
    writeOrder(order, this.#orders);
    this.team.barrier();
  }

  /** The area that a "load" order takes its state from. */
  get state(): Float32Array {
    return new Float32Array(this.#orders.state);
  }

  [Symbol.dispose](): void {
    // A thread that sleeps at a barrier is not ended by terminating it, and keeps the process from ending.
    this.team.fail();
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }

  #enlist(enlistment: Enlistment): Promise<void> {
    const worker = new Worker(new URL("./replica_worker.ts", import.meta.url), { type: "module" });
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<{ error: string | null }>) =>
        data.error === null ? resolve() : reject(new Error(`A worker of this run has failed: ${data.error}`));
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`A worker of this run has failed: ${event.message}`));
      };
      worker.postMessage(enlistment);
    });
  }
}

/** Numbers in the longest sums: all gradients, and two for each channel of a batch norm (or loss and hits). */
function sumLengths({ model }: LearnerOptions): [floats: number, doubles: number] {
  const trainable = parametersOf(model).filter((parameter) => parameter.trainable);
  return [
    trainable.reduce((sum, { shape }) => sum + paddedFloats(shape), 0),
    2 * Math.max(...trainable.map(({ shape }) => shape.at(-1)!)),
  ];
}

/** The same data on shared memory, so that workers do not copy it. */
function shareData(data: LearnerOptions["data"]): LearnerOptions["data"] {
  const share = (bytes: Uint8Array): Uint8Array => {
    if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  };
  const split = (set: typeof data.train) => ({
    ...set,
    images: share(set.images),
    labels: share(set.labels),
  });
  return { ...data, train: split(data.train), validation: split(data.validation), test: split(data.test) };
}
