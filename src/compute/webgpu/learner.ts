import type { Split } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  Gradients,
  Learner,
  LearnerState,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { BATCH_NORM_DECAY } from "../layers/batch_norm.ts";
import { labelEvaluation } from "../label_evaluation.ts";
import { cutBatch, plainBatch, plainBatches } from "../plain_batch.ts";
import { logitsPerImage, maskLosses } from "../segmentation.ts";
import { packPass } from "./controls.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import { UpdateLog } from "./log.ts";
import { MaskPass } from "./mask_pass.ts";
import { DropoutMaskInput } from "./dropout_mask.ts";
import { type KernelTime, profile } from "./profile.ts";
import type { Program } from "./program.ts";
import { Programs, type Sources } from "./programs.ts";
import type { CommandQueue } from "./queue.ts";
import { Store } from "./store.ts";
import { Updater } from "./updater.ts";

const EVALUATION_BATCH = 256;

/**
 * Trains a model by programs that were recorded once: a step queues the batch's numbers, rates and momentum, and the
 * same dispatches again; some steps are submitted together. Losses stay on the GPU until they are asked for.
 */
export class WebgpuLearner implements Learner {
  readonly #gpu: Gpu;
  readonly #options: LearnerOptions;
  readonly #store: Store;
  readonly #log: UpdateLog;
  readonly #updater: Updater;
  readonly #dropoutMask: DropoutMaskInput;
  readonly #programs: Programs;
  /** `null` but for images with masks. */
  readonly #masks: MaskPass | null;
  /** Components of the loss of each step since the last `losses()`, where the host computes them. */
  #components: Pick<AppliedUpdate, "components">[] = [];

  /**
   * A learner that has what a step of a whole batch and an evaluation need.
   *
   * @throws {RangeError} where a buffer would be beyond the device's limit.
   * @throws {Error} where the device's memory does not suffice.
   */
  static async open(gpu: Gpu, options: LearnerOptions, sources?: Sources): Promise<WebgpuLearner> {
    const learner = new WebgpuLearner(gpu, options, sources);
    try {
      learner.#programs.get("training", "train", options.batchSize);
      const held = Math.min(learner.#evaluationBatch, options.data.validation.count);
      if (held > 0) learner.#programs.get("inference", "validation", held);
      await learner.settle();
      return learner;
    } catch (error) {
      learner[Symbol.dispose]();
      throw error;
    }
  }

  /** @param sources data on the device, shared with other learners; absent: its own. */
  constructor(gpu: Gpu, options: LearnerOptions, sources?: Sources) {
    this.#gpu = gpu;
    this.#options = options;
    // A loss that does not fit is refused before anything is allocated on the device.
    const losses = maskLosses(options, options.batchSize);
    this.#store = new Store(gpu, options);
    this.#log = new UpdateLog(gpu, options.gradientNorms ?? false);
    this.#updater = new Updater(gpu, options, this.#store, this.#log.buffer);
    this.#dropoutMask = new DropoutMaskInput(gpu, options);
    this.#programs = new Programs(gpu, options, {
      sources,
      store: this.#store,
      inputs: { controls: this.#updater.controls, dropoutMask: this.#dropoutMask.buffer },
    });
    this.#masks = losses &&
      new MaskPass(gpu, losses, this.#programs, this.#dropoutMask, this.#store.loss);
    this.#store.load(options.initial);
  }

  update(batch: Batch, controls: Controls): void | Promise<void> {
    if (this.#masks) return this.#segment(batch, controls, this.#masks);
    for (const dispatches of this.#parts(batch, controls)) this.#gpu.queue.run(dispatches);
    this.#log.advance();
  }

  /** Waits until the device has done what was asked of it. */
  async settle(): Promise<void> {
    this.#gpu.queue.flush();
    await this.#gpu.device.queue.onSubmittedWorkDone();
    this.#gpu.assertHealthy();
  }

  async losses(): Promise<readonly AppliedUpdate[]> {
    this.#gpu.assertHealthy();
    const components = this.#components;
    this.#components = [];
    return (await this.#log.read()).map((step, index) => ({ ...step, ...components[index] }));
  }

  async evaluate(split: Split): Promise<Evaluation> {
    this.#gpu.assertHealthy();
    const { count } = this.#options.data[split];
    if (count === 0) throw new RangeError(`Cannot evaluate on ${split}: it has no images`);
    if (this.#masks) return await this.#masks.evaluate(split, count, this.#evaluationBatch);
    const { data, model } = this.#options;
    const each = logitsPerImage(model) / model.classes;
    const bytes = 8 * each;
    const results = this.#gpu.createBuffer(`${split} results`, count * bytes);
    for (let start = 0; start < count; start += this.#evaluationBatch) {
      const images = Math.min(this.#evaluationBatch, count - start);
      this.#infer(
        split,
        plainBatch(start, images),
        (queue, program) => queue.copy(program.results, 0, results, start * bytes, images * bytes),
      );
    }
    const values = new Float32Array(await this.#gpu.read(results));
    results.destroy();
    let [loss, hits] = [0, 0];
    for (let row = 0; row < count * each; row++) {
      loss += values[2 * row]!;
      hits += values[2 * row + 1]!;
    }
    return labelEvaluation(data, { loss, hits }, count);
  }

  async predict(split: Split, images?: readonly number[]): Promise<Float32Array> {
    this.#gpu.assertHealthy();
    const { count } = this.#options.data[split];
    const bytes = 4 * logitsPerImage(this.#options.model);
    const batches = [...plainBatches(count, this.#evaluationBatch, images)];
    const logits = this.#gpu.createBuffer(`${split} logits`, (images?.length ?? count) * bytes);
    for (const { batch, start } of batches) {
      this.#infer(
        split,
        batch,
        (queue, program) =>
          queue.copy(program.logits, 0, logits, start * bytes, batch.indices.length * bytes),
      );
    }
    const values = new Float32Array(await this.#gpu.read(logits));
    logits.destroy();
    return values;
  }

  resetOptimizer(): void {
    this.#gpu.assertHealthy();
    this.#store.resetOptimizer();
  }

  average(name: string, share: number): void {
    this.#gpu.assertHealthy();
    this.#updater.average(name, share);
  }

  estimateStatistics(batch: Batch, keep: number): void {
    this.#gpu.assertHealthy();
    const { batchSize } = this.#options;
    const images = batch.indices.length;
    if (images < 1 || images > batchSize) {
      throw new RangeError(`Cannot estimate statistics from ${images} images, at most ${batchSize}`);
    }
    const program = this.#programs.get("statistics", "train", images);
    this.#programs.source("train").send(batch, program.items);
    this.#updater.sendPass(packPass({ images, keep }));
    this.#gpu.queue.run(program.dispatches);
  }

  async gradients(batch: Batch, lossWeights?: Controls["lossWeights"]): Promise<Gradients> {
    this.#gpu.assertHealthy();
    const images = batch.indices.length;
    if (images < 1) throw new RangeError("Cannot take a batch of no images");
    const weights = this.#masks?.losses.weights({ lossWeights }) ?? [];
    this.#updater.sendPass(packPass({ images, keep: BATCH_NORM_DECAY }));
    for (const { piece, program, start, ...part } of this.#pieces(batch, "gradients")) {
      const after = this.#updater.gather(part);
      if (this.#masks) {
        await this.#masks.train({ piece, program, start }, after, { weights, images, step: null });
        continue;
      }
      this.#programs.source("train").send(piece, program.items);
      this.#gpu.queue.run([...program.dispatches, ...after]);
    }
    return await this.#store.readGradients();
  }

  async save(): Promise<LearnerState> {
    this.#gpu.assertHealthy();
    return await this.#store.save();
  }

  load(state: LearnerState): Promise<void> {
    this.#gpu.assertHealthy();
    this.#store.load(state);
    return Promise.resolve();
  }

  /** Runs one step and times each kernel of its last part on the device; `null` where it has no timestamps. */
  async profile(batch: Batch, controls: Controls): Promise<KernelTime[] | null> {
    let times: KernelTime[] | null = null;
    for (const dispatches of this.#parts(batch, controls)) times = await profile(this.#gpu, dispatches);
    return times;
  }

  [Symbol.dispose](): void {
    // What is queued names the buffers.
    this.#gpu.queue.flush();
    for (const owned of [this.#programs, this.#updater, this.#dropoutMask, this.#log, this.#store]) {
      owned[Symbol.dispose]();
    }
  }

  /** Queues the input of each part of a step, and yields the dispatches that then have to run. */
  *#parts(batch: Batch, controls: Controls): Generator<readonly Dispatch[]> {
    this.#gpu.assertHealthy();
    const step = dropoutStep(this.#options.model, controls);
    const images = batch.indices.length;
    if (images < 1) throw new RangeError("Cannot take a batch of no images");
    this.#updater.send(controls, { images, place: this.#log.place });
    for (const { piece, program, start, ...part } of this.#pieces(batch, "training")) {
      this.#programs.source("train").send(piece, program.items);
      if (step !== null) this.#dropoutMask.send(step, start);
      yield [...program.dispatches, ...this.#updater.after(part)];
    }
  }

  /** A batch in pieces of what goes through the network at a time, each with the program for its size. */
  *#pieces(batch: Batch, kind: "training" | "gradients") {
    const { batchSize } = this.#options;
    const images = batch.indices.length;
    for (let start = 0; start < images; start += batchSize) {
      const piece = cutBatch(batch, start, start + batchSize);
      const program = this.#programs.get(kind, "train", piece.indices.length);
      yield { piece, program, start, first: start === 0, last: start + batchSize >= images };
    }
  }

  /** One step whose loss the host computes: logits come from the device, their gradient goes back to it. */
  async #segment(batch: Batch, controls: Controls, masks: MaskPass): Promise<void> {
    this.#gpu.assertHealthy();
    const weights = masks.losses.weights(controls);
    const step = dropoutStep(this.#options.model, controls);
    const images = batch.indices.length;
    if (images < 1) throw new RangeError("Cannot take a batch of no images");
    this.#updater.send(controls, { images, place: this.#log.place });
    const sums = new Float64Array(masks.losses.sums);
    for (const { first, last, ...piece } of this.#pieces(batch, "training")) {
      const after = this.#updater.after({ first, last });
      const own = await masks.train(piece, after, { weights, images, step });
      own.forEach((sum, index) => sums[index]! += sum);
    }
    const { components } = masks.losses.applied(sums, weights, images);
    this.#components.push({ ...(components && { components }) });
    this.#log.advance();
  }

  /** Masks and text take the memory of a step for each image: so many are known to fit. */
  get #evaluationBatch(): number {
    const { batchSize, data } = this.#options;
    return data.labelUnit === "image" ? EVALUATION_BATCH : batchSize;
  }

  /** Runs images through the network in inference mode; `keep` copies what the program leaves. */
  #infer(split: Split, batch: Batch, keep: (queue: CommandQueue, program: Program) => void): void {
    const program = this.#programs.get("inference", split, batch.indices.length);
    this.#programs.source(split).send(batch, program.items);
    this.#gpu.queue.run(program.dispatches);
    keep(this.#gpu.queue, program);
  }
}
