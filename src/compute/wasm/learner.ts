import type { Split, TrainingData } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  Gradients,
  HostTensor,
  Learner,
  LearnerState,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { checkBatch, checkStatisticsBatch } from "../requests.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { ratesOf } from "../groups.ts";
import { cutBatch } from "../plain_batch.ts";
import { type MaskLosses, maskLosses } from "../segmentation.ts";
import { checkState } from "../state.ts";
import type { Build } from "./build.ts";
import { type Command, WorkerGroup } from "./worker_group.ts";
import { bestBuild } from "./kernels.ts";
import { Replica } from "./replica.ts";
import type { Part } from "./replica_part.ts";

/** Training by a {@link Replica}, or by a group of them that share every batch. */
export class WasmLearner implements Learner {
  readonly #options: LearnerOptions;
  readonly #replica: Replica;
  readonly #workers: WorkerGroup | null;
  /** Weights and names of losses; `null` but for images with masks. */
  readonly #masks: MaskLosses | null;
  #applied: AppliedUpdate[] = [];

  private constructor(options: LearnerOptions, build: Build, workers: WorkerGroup | null) {
    this.#options = options;
    this.#workers = workers;
    this.#masks = maskLosses(options, 0);
    this.#replica = new Replica(options, build, workers?.group);
    this.#write(options.initial);
  }

  /**
   * A learner on this thread and `threads` − 1 workers. The same inputs give the same bits on the same machine,
   * build and number of threads.
   *
   * @throws {RangeError | TypeError} where the initial weights or labels do not fit the model.
   */
  static async create(
    options: LearnerOptions,
    build: Build = bestBuild(),
    threads = 1,
  ): Promise<WasmLearner> {
    checkLabels(options.data, options.model.classes);
    const floats = [...checkState(options, options.initial).values()].reduce(
      (n, t) => n + t.data.length,
      0,
    );
    const workers = threads > 1 ? await WorkerGroup.start(options, build, threads, floats) : null;
    return new WasmLearner(options, build, workers);
  }

  /** Bytes of the memory of one replica: all that it will ever take, but for the data set. */
  get memoryBytes(): number {
    return this.#replica.buffers.memory.buffer.byteLength;
  }

  /** The replica on this thread, for tests. */
  get replica(): Replica {
    return this.#replica;
  }

  update(batch: Batch, controls: Controls): void {
    this.#checkBatch(batch);
    const { model, optimizer } = this.#options;
    // Refused here, before the other threads have the command and fail at it.
    ratesOf(controls, optimizer.groups?.length ?? 0);
    dropoutStep(model, controls);
    const weights = this.#masks?.weights(controls);
    const losses = new Float64Array(this.#masks?.sums ?? 1);
    for (const { piece, part } of this.#parts(batch)) {
      this.#command({ kind: "update", batch: piece, controls, part });
      const applied = this.#replica.update(piece, controls, part);
      applied.losses.forEach((loss, index) => losses[index]! += loss);
      if (!part.last) continue;
      const { losses: _, ...rest } = applied;
      const seen = weights ? this.#masks!.applied(losses, weights, 1) : { loss: losses[0]! };
      this.#applied.push({ ...rest, ...seen });
    }
  }

  // deno-lint-ignore require-await -- an image that is not there rejects
  async predict(split: Split, images?: readonly number[]): Promise<Float32Array> {
    return this.#replica.predict(split, images);
  }

  resetOptimizer(): void {
    this.#command({ kind: "reset" });
    this.#replica.resetOptimizer();
  }

  average(name: string, share: number): void {
    this.#replica.average(name, share);
  }

  estimateStatistics(batch: Batch, keep: number): void {
    this.#checkBatch(batch);
    checkStatisticsBatch(batch.indices.length, this.#options.batchSize);
    this.#command({ kind: "estimate", batch, keep });
    this.#replica.estimateStatistics(batch, keep);
  }

  // deno-lint-ignore require-await -- weights that do not fit reject
  async gradients(batch: Batch, lossWeights?: Controls["lossWeights"]): Promise<Gradients> {
    this.#checkBatch(batch);
    // Refused here, before the other threads have the command and fail at it.
    this.#masks?.weights({ lossWeights });
    const sums: Record<string, Float64Array> = {};
    for (const { piece, part } of this.#parts(batch)) {
      this.#command({ kind: "gradients", batch: piece, part, lossWeights });
      this.#replica.lossesAndGradients(piece, part, { lossWeights });
      for (const [name, gradient] of Object.entries(this.#replica.gradients())) {
        const sum = sums[name] ??= new Float64Array(gradient.length);
        gradient.forEach((value, index) => sum[index]! += value);
      }
    }
    return sums;
  }

  losses(): Promise<readonly AppliedUpdate[]> {
    const applied = this.#applied;
    this.#applied = [];
    return Promise.resolve(applied);
  }

  evaluate(split: Split): Promise<Evaluation> {
    this.#command({ kind: "evaluate", split });
    return Promise.resolve(this.#replica.evaluate(split));
  }

  save(): Promise<LearnerState> {
    const state: Record<string, HostTensor> = {};
    for (const { name, shape, values } of this.#replica.variables) {
      state[name] = { shape, data: values.slice() };
    }
    return Promise.resolve(state);
  }

  // deno-lint-ignore require-await -- a state that does not fit rejects
  async load(state: LearnerState): Promise<void> {
    this.#write(state);
  }

  [Symbol.dispose](): void {
    this.#workers?.[Symbol.dispose]();
    this.#applied = [];
  }

  /** A step's batch in pieces of what goes through the network at a time. */
  *#parts(batch: Batch): Generator<{ readonly piece: Batch; readonly part: Part }> {
    const { batchSize } = this.#options;
    const images = batch.indices.length;
    for (let start = 0; start < images; start += batchSize) {
      const part = { first: start === 0, last: start + batchSize >= images, images, start };
      yield { piece: images <= batchSize ? batch : cutBatch(batch, start, start + batchSize), part };
    }
  }

  #command(command: Command): void {
    this.#workers?.send(command);
  }

  #write(state: LearnerState): void {
    const checked = checkState(this.#options, state);
    const values = this.#replica.variables.map(({ name }) => checked.get(name)!.data);
    const whole = this.#workers?.state ??
      new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const data of values) {
      whole.set(data, offset);
      offset += data.length;
    }
    this.#command({ kind: "load" });
    this.#replica.takeState(whole);
  }

  #checkBatch({ indices }: Batch): void {
    const { data } = this.#options;
    checkBatch(indices.length);
    const beyond = indices.find((index) => index >= data.train.count);
    if (beyond !== undefined) throw new RangeError(`Cannot take image ${beyond} of ${data.train.count}`);
  }
}

/** The kernels index by label, and by token, without asking. */
function checkLabels(data: TrainingData, classes: number): void {
  for (const split of ["train", "validation", "test"] as const) {
    const { images, labels, count } = data[split];
    const token = data.labelUnit === "token" ? images.find((value) => value >= classes) : undefined;
    if (token !== undefined) {
      throw new RangeError(`Token ${token} of ${split} is not below the model's ${classes} classes`);
    }
    const wrong = labels.findIndex((label) => label >= classes);
    if (wrong >= 0) {
      const image = Math.floor(wrong * count / labels.length);
      throw new RangeError(
        `Label ${labels[wrong]} of ${split} image ${image} is not below the model's ${classes} classes`,
      );
    }
  }
}
