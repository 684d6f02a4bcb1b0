import { normalisation } from "#train/batches.ts";
import type { PixelSet, Split, TrainingData } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  HostTensor,
  Learner,
  LearnerState,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { parametersOf } from "../parameters.ts";
import { CLIP_EPSILON } from "../reference/sgd.ts";
import { checkState, slotName } from "../state.ts";
import type { Build } from "./build.ts";
import { bestBuild, type Kernels, loadKernels } from "./kernels.ts";
import { type Plan, planModel } from "./plan.ts";
import { Arena } from "./plane.ts";

/** Where a batch is put before the kernels take it, and what they answer with. */
interface Exchange {
  /** Pixels as bytes, `[batch, height, width, channels]`. */
  readonly bytes: number;
  /** Shifts right, shifts down, flips: `[3][batch]` bytes. */
  readonly moves: number;
  /** `[batch]`, i32. */
  readonly labels: number;
  /** `[channels][256]`, floats. */
  readonly table: number;
  /** Rate and momentum of the next update; behind them, those of the last. */
  readonly controls: number;
  readonly correct: number;
}

/**
 * A static training step: every buffer is planned before the first update, in a memory that never grows, and an
 * update is a fixed list of kernel calls. The same inputs give the same bits on the same machine and build.
 */
export class WasmLearner implements Learner {
  readonly #options: LearnerOptions;
  readonly #plan: Plan;
  readonly #exchange: Exchange;
  readonly #arena = new Arena();
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  #applied: AppliedUpdate[] = [];

  /** @throws {RangeError | TypeError} where the initial weights or labels do not fit the model. */
  constructor(options: LearnerOptions, build: Build = bestBuild()) {
    checkLabels(options.data, options.model.classes);
    this.#options = options;
    this.#plan = planModel(options.model, options.batchSize, this.#arena);
    this.#exchange = placeExchange(options, this.#arena);
    this.#memory = this.#arena.createMemory();
    this.#kernels = loadKernels(this.#memory, build);
    this.#floats(this.#exchange.table, options.data.shape[2] * 256).set(normalisation(options.data));
    this.#write(options.initial);
  }

  /** Bytes of the learner's memory: all that it will ever take, but for the data set. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The memory and the ends of its buffers, for tests. */
  get buffers(): { memory: WebAssembly.Memory; guards: readonly number[] } {
    return { memory: this.#memory, guards: this.#arena.guards };
  }

  update(batch: Batch, { lr, momentum }: Controls): void {
    const { controls } = this.#exchange;
    const size = this.#loadBatch(this.#options.data.train, batch);
    const loss = this.#gradients(size);
    const cells = this.#floats(controls, 4);
    cells[0] = lr;
    cells[1] = momentum;
    this.#apply();
    this.#applied.push({ lr: cells[2]!, momentum: cells[3]!, loss });
  }

  losses(): Promise<readonly AppliedUpdate[]> {
    const applied = this.#applied;
    this.#applied = [];
    return Promise.resolve(applied);
  }

  evaluate(split: Split): Promise<Evaluation> {
    const { data, batchSize } = this.#options;
    const { correct } = this.#exchange;
    const { count } = data[split];
    const hits = new Int32Array(this.#memory.buffer, correct, 1);
    hits[0] = 0;
    let loss = 0;
    for (let start = 0; start < count; start += batchSize) {
      const size = this.#loadBatch(data[split], unmoved(start, Math.min(batchSize, count - start)));
      this.#forward(size, false);
      loss += this.#loss(size, 0, correct);
    }
    return Promise.resolve({ loss: loss / count, accuracy: hits[0]! / count, count });
  }

  /** Loss and gradients of a batch, by variable, without an update: what the tests compare. */
  gradients(batch: Batch): { loss: number; gradients: Record<string, Float32Array> } {
    const loss = this.#gradients(this.#loadBatch(this.#options.data.train, batch));
    const { gradients, weights, addresses } = this.#plan;
    const named = parametersOf(this.#options.model).filter(({ trainable }) => trainable).map(
      ({ name, shape }) => {
        const at = addresses.get(name)! - weights + gradients;
        return [name, this.#floats(at, elements(shape)).slice()] as const;
      },
    );
    return { loss, gradients: Object.fromEntries(named) };
  }

  save(): Promise<LearnerState> {
    const state: Record<string, HostTensor> = {};
    for (const [name, shape, at] of this.#variables()) {
      state[name] = { shape, data: this.#floats(at, elements(shape)).slice() };
    }
    return Promise.resolve(state);
  }

  load(state: LearnerState): Promise<void> {
    this.#write(state);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#applied = [];
  }

  #write(state: LearnerState): void {
    const checked = checkState(this.#options.model, state);
    for (const [name, shape, at] of this.#variables()) {
      this.#floats(at, elements(shape)).set(checked.get(name)!.data);
    }
  }

  /** Every variable and momentum buffer: name, shape, address. */
  *#variables(): Generator<[string, readonly number[], number]> {
    const { addresses, weights, velocities } = this.#plan;
    for (const { name, shape, trainable } of parametersOf(this.#options.model)) {
      const at = addresses.get(name)!;
      yield [name, shape, at];
      if (trainable) yield [slotName(name), shape, at - weights + velocities];
    }
  }

  /** Copies a batch's pixels and plan into memory and fills the network's input; returns its size. */
  #loadBatch(from: PixelSet, { indices, shiftX, shiftY, flip }: Batch): number {
    const { data, batchSize } = this.#options;
    const { bytes, moves, labels, table } = this.#exchange;
    const [height, width, channels] = data.shape;
    const size = indices.length;
    if (size < 1 || size > batchSize) {
      throw new RangeError(
        `Cannot take a batch of ${size} images: the learner was made for 1 to ${batchSize}`,
      );
    }
    const pixels = height * width * channels;
    const target = new Uint8Array(this.#memory.buffer, bytes, size * pixels);
    const targetLabels = new Int32Array(this.#memory.buffer, labels, size);
    for (let item = 0; item < size; item++) {
      const index = indices[item]!;
      if (index >= from.count) throw new RangeError(`Cannot take image ${index} of ${from.count}`);
      target.set(from.images.subarray(index * pixels, (index + 1) * pixels), item * pixels);
      targetLabels[item] = from.labels[index]!;
    }
    const plan = new Int8Array(this.#memory.buffer, moves, 3 * size);
    plan.set(shiftX, 0);
    plan.set(shiftY, size);
    plan.set(flip, 2 * size);
    const { input } = this.#plan;
    this.#kernels.fillInput(
      bytes,
      moves,
      table,
      input.at,
      size,
      height,
      width,
      channels,
      input.row,
      input.image,
    );
    return size;
  }

  #forward(size: number, training: boolean): void {
    for (const stage of this.#plan.stages) stage.forward(this.#kernels, size, training);
  }

  /** The sum of the batch's cross-entropy; writes its gradient, times `scale`, where that is not 0. */
  #loss(size: number, scale: number, correct: number): number {
    const { logits, logitsGradient } = this.#plan;
    const { classes } = this.#options.model;
    const gradient = scale === 0 ? 0 : logitsGradient;
    return this.#kernels.softmaxCrossEntropy(
      logits,
      this.#exchange.labels,
      gradient,
      correct,
      size,
      classes,
      scale,
    );
  }

  /** Mean loss of the loaded batch, with the gradient of every trainable variable. */
  #gradients(size: number): number {
    const { gradients, trainableFloats, stages } = this.#plan;
    // Biases add up image by image.
    this.#kernels.zero(gradients, trainableFloats * 4);
    this.#forward(size, true);
    const loss = this.#loss(size, 1 / size, 0) / size;
    for (let index = stages.length - 1; index >= 0; index--) stages[index]!.backward(this.#kernels, size);
    return loss;
  }

  #apply(): void {
    const { weights, gradients, velocities, trainableFloats } = this.#plan;
    const { nesterov, weight_decay, clip_norm } = this.#options.optimizer;
    const { controls } = this.#exchange;
    let scale = 1;
    if (clip_norm !== null) {
      const norm = Math.sqrt(this.#kernels.sumOfSquares(gradients, trainableFloats));
      scale = Math.min(1, clip_norm / (norm + CLIP_EPSILON));
    }
    const arrays = [weights, gradients, velocities, trainableFloats];
    this.#kernels.sgdUpdate(...arrays, controls, controls + 8, scale, weight_decay, Number(nesterov));
  }

  #floats(at: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, count);
  }
}

function placeExchange({ data, batchSize }: LearnerOptions, arena: Arena): Exchange {
  const [height, width, channels] = data.shape;
  return {
    bytes: arena.allocate(batchSize * height * width * channels),
    moves: arena.allocate(3 * batchSize),
    labels: arena.floats(batchSize),
    table: arena.floats(channels * 256),
    controls: arena.floats(4),
    correct: arena.floats(1),
  };
}

/** The kernels index by label without asking. */
function checkLabels(data: TrainingData, classes: number): void {
  for (const split of ["train", "validation", "test"] as const) {
    const wrong = data[split].labels.findIndex((label) => label >= classes);
    if (wrong >= 0) {
      const label = data[split].labels[wrong];
      throw new RangeError(
        `Label ${label} of ${split} image ${wrong} is not below the model's ${classes} classes`,
      );
    }
  }
}

function unmoved(start: number, size: number): Batch {
  const still = new Int8Array(size);
  const indices = Uint32Array.from({ length: size }, (_, item) => start + item);
  return { indices, shiftX: still, shiftY: still, flip: new Uint8Array(size) };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
