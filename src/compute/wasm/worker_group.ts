import type { Split } from "#train/data.ts";
import type { Batch, Controls } from "#train/learner.ts";
import { componentsOf, CROSS_ENTROPY } from "#train/loss.ts";
import type { LearnerOptions } from "../device.ts";
import { parametersOf } from "../parameters.ts";
import { maskLosses } from "../segmentation.ts";
import type { Build } from "./build.ts";
import { paddedFloats } from "./plan.ts";
import type { Part } from "./replica_part.ts";
import { createProcessGroupBuffers, ProcessGroup, type ProcessGroupBuffers } from "./process_group.ts";
import { spawnThread } from "../thread.ts";

/** The next action of all replicas of a run. */
export type Command =
  | { readonly kind: "update"; readonly batch: Batch; readonly controls: Controls; readonly part: Part }
  | { readonly kind: "estimate"; readonly batch: Batch; readonly keep: number }
  | {
    readonly kind: "gradients";
    readonly batch: Batch;
    readonly part: Part;
    readonly lossWeights: Controls["lossWeights"] | undefined;
  }
  | { readonly kind: "reset" }
  | { readonly kind: "evaluate"; readonly split: Split }
  /** Takes every variable over from the shared state. */
  | { readonly kind: "load" };

/** Kind, detail, first, last, images, groups, start, step, weights of losses. */
const HEAD_WORDS = 9;
const KINDS = ["update", "estimate", "gradients", "reset", "evaluate", "load"] as const;
const SPLITS = ["train", "validation", "test"] as const;

/** Controls of a pass that makes no step. */
const NOTHING_MOVES: Controls = { lr: 0, momentum: 0 };

/** Shared memory through which commands and states go. Plain data. */
export interface CommandBuffers {
  readonly head: SharedArrayBuffer;
  readonly controls: SharedArrayBuffer;
  /** `[batchSize]` numbers of images, then shifts right, shifts down and flips. */
  readonly indices: SharedArrayBuffer;
  readonly moves: SharedArrayBuffer;
  /** All variables, one after another. */
  readonly state: SharedArrayBuffer;
}

/** Options of a worker that becomes a replica. */
export interface SpawnOptions {
  readonly options: LearnerOptions;
  readonly build: Build;
  readonly group: ProcessGroupBuffers;
  readonly rank: number;
  readonly commands: CommandBuffers;
}

/** Writes a command where the others find it behind the next barrier. */
function writeCommand(command: Command, buffers: CommandBuffers): void {
  const head = new Int32Array(buffers.head);
  head[0] = KINDS.indexOf(command.kind);
  if (command.kind === "evaluate") head[1] = SPLITS.indexOf(command.split);
  if (!("batch" in command)) return;
  const { indices, shiftX, shiftY, flip } = command.batch;
  const capacity = buffers.indices.byteLength / 4;
  head[1] = indices.length;
  new Uint32Array(buffers.indices).set(indices);
  [shiftX, shiftY, flip].forEach((moves, row) => new Int8Array(buffers.moves).set(moves, row * capacity));
  const numbers = new Float64Array(buffers.controls);
  if (command.kind === "estimate") {
    numbers[0] = command.keep;
    return;
  }
  const { first, last, images, start } = command.part;
  const controls = command.kind === "update" ? command.controls : NOTHING_MOVES;
  // A step without a number has a step below 0 here.
  const step = controls.step ?? -1;
  const { lr, momentum, groups = [] } = controls;
  const { lossWeights = [] } = command.kind === "update" ? controls : command;
  head.set([Number(first), Number(last), images, groups.length, start, step, lossWeights.length], 2);
  // A frozen group has no rate: NaN here.
  numbers.set([lr, momentum, ...groups.map((rate) => rate ?? NaN), ...lossWeights]);
}

/** The command that {@link writeCommand} wrote. Its arrays are views, good until the next barrier but one. */
export function readCommand(buffers: CommandBuffers): Command {
  const [code, detail, first, last, images, groups, start, step, weights] = new Int32Array(buffers.head);
  const kind = KINDS[code!]!;
  if (kind === "evaluate") return { kind, split: SPLITS[detail!]! };
  if (kind === "reset" || kind === "load") return { kind };
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
  const part = { first: first === 1, last: last === 1, images: images!, start: start! };
  const lossWeights = weights! > 0 ? rates.slice(groups, groups! + weights!) : undefined;
  if (kind === "gradients") return { kind, batch, part, lossWeights };
  const own = rates.slice(0, groups).map((rate) => Number.isNaN(rate) ? null : rate);
  const controls = {
    lr: lr!,
    momentum: momentum!,
    ...(step! >= 0 && { step: step! }),
    ...(groups! > 0 && { groups: own }),
    ...(lossWeights && { lossWeights }),
  };
  return { kind, batch, controls, part };
}

/** The workers that compute the other shares of a run. The thread that owns the group has rank 0. */
export class WorkerGroup implements Disposable {
  readonly group: ProcessGroup;
  readonly #commands: CommandBuffers;
  readonly #workers: Worker[] = [];

  private constructor(group: ProcessGroupBuffers, commands: CommandBuffers) {
    this.group = new ProcessGroup(group, 0);
    this.#commands = commands;
  }

  /** Starts `threads` − 1 workers and waits until each has planned its memory. */
  static async start(
    options: LearnerOptions,
    build: Build,
    threads: number,
    floats: number,
  ): Promise<WorkerGroup> {
    const commands: CommandBuffers = {
      head: new SharedArrayBuffer(4 * HEAD_WORDS),
      controls: new SharedArrayBuffer(
        8 *
          (2 + (options.optimizer.groups?.length ?? 0) + componentsOf(options.loss ?? CROSS_ENTROPY).length),
      ),
      indices: new SharedArrayBuffer(4 * options.batchSize),
      moves: new SharedArrayBuffer(3 * options.batchSize),
      state: new SharedArrayBuffer(4 * floats),
    };
    const group = createProcessGroupBuffers(threads, ...sumLengths(options));
    const workers = new WorkerGroup(group, commands);
    try {
      const shared = { ...options, data: shareData(options.data) };
      const ready = Array.from(
        { length: threads - 1 },
        (_, index) => workers.#spawn({ options: shared, build, group, rank: index + 1, commands }),
      );
      await Promise.all(ready);
      return workers;
    } catch (error) {
      workers[Symbol.dispose]();
      throw error;
    }
  }

  /** Sets the others to work on a command; the caller does its own part of it next. */
  send(command: Command): void {
    writeCommand(command, this.#commands);
    this.group.barrier();
  }

  /** The area that a "load" command takes its state from. */
  get state(): Float32Array {
    return new Float32Array(this.#commands.state);
  }

  [Symbol.dispose](): void {
    // A thread that sleeps at a barrier is not ended by terminating it, and keeps the process from ending.
    this.group.fail();
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }

  #spawn(options: SpawnOptions): Promise<void> {
    const worker = spawnThread(new URL("./replica_worker.ts", import.meta.url));
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<{ error: string | null }>) =>
        data.error === null ? resolve() : reject(new Error(`A worker of this run has failed: ${data.error}`));
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`A worker of this run has failed: ${event.message}`));
      };
      worker.postMessage(options);
    });
  }
}

/**
 * Numbers in the longest sums: all gradients, and two for each channel of a batch norm, or losses, or the figures of an
 * evaluation.
 */
function sumLengths(options: LearnerOptions): [floats: number, doubles: number] {
  const { model } = options;
  const trainable = parametersOf(model).filter((parameter) => parameter.trainable);
  return [
    trainable.reduce((sum, { shape }) => sum + paddedFloats(shape), 0),
    Math.max(...trainable.map(({ shape }) => 2 * shape.at(-1)!), maskLosses(options, 0)?.sums ?? 0),
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
