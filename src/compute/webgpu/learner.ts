import type { Split } from "#train/data.ts";
import type { AppliedUpdate, Batch, Controls, Evaluation, Learner, LearnerState } from "#train/learner.ts";
import type { SgdSpec } from "#train/optimizer.ts";
import type { LearnerOptions } from "../device.ts";
import { plainSgd } from "../plain_sgd.ts";
import { plainBatch } from "../plain_batch.ts";
import type { Gpu } from "./gpu.ts";
import { LOG_VALUES } from "./kernels/loss.ts";
import { type KernelTime, profile } from "./profile.ts";
import { inferenceProgram, type Program, type ProgramOptions, trainingProgram } from "./program.ts";
import { Source } from "./source.ts";
import { Store } from "./store.ts";

const EVALUATION_BATCH = 256;
/** Updates that the log on the GPU holds. A full one is read while training goes on. */
const LOG_PLACES = 1024;

/**
 * Trains a model by programs that were recorded once: an update writes the batch's numbers, rate and momentum, and
 * submits the same dispatches again. Losses stay on the GPU until they are asked for.
 */
export class WebgpuLearner implements Learner {
  readonly #gpu: Gpu;
  readonly #options: LearnerOptions;
  readonly #optimizer: SgdSpec;
  readonly #store: Store;
  readonly #sources = new Map<Split, Source>();
  readonly #training = new Map<number, Program>();
  readonly #inference = new Map<string, Program>();
  readonly #controls: GPUBuffer;
  readonly #log: GPUBuffer;
  /** Updates in the log. */
  #logged = 0;
  /** Logs that were full before anybody asked for them. */
  #full: Promise<ArrayBuffer>[] = [];

  constructor(gpu: Gpu, options: LearnerOptions) {
    this.#gpu = gpu;
    this.#options = options;
    this.#optimizer = plainSgd(options, "webgpu");
    this.#store = new Store(gpu, options.model, this.#optimizer);
    this.#controls = gpu.createBuffer("controls", 16);
    this.#log = gpu.createBuffer("log", LOG_PLACES * LOG_VALUES * 4);
    this.#store.load(options.initial);
  }

  update(batch: Batch, controls: Controls): void {
    this.#gpu.submit(this.#send(batch, controls).dispatches);
    if (++this.#logged === LOG_PLACES) this.#takeLog();
  }

  async losses(): Promise<readonly AppliedUpdate[]> {
    this.#gpu.assertHealthy();
    if (this.#logged > 0) this.#takeLog();
    const logs = this.#full;
    this.#full = [];
    return (await Promise.all(logs)).flatMap((bytes) => {
      const values = new Float32Array(bytes);
      return Array.from({ length: values.length / LOG_VALUES }, (_, place) => ({
        loss: values[place * LOG_VALUES]!,
        lr: values[place * LOG_VALUES + 1]!,
        momentum: values[place * LOG_VALUES + 2]!,
      }));
    });
  }

  async evaluate(split: Split): Promise<Evaluation> {
    this.#gpu.assertHealthy();
    const { count } = this.#options.data[split];
    if (count === 0) throw new RangeError(`Cannot evaluate on ${split}: it has no images`);
    const results = this.#gpu.createBuffer(`${split} results`, count * 8);
    for (let start = 0; start < count; start += EVALUATION_BATCH) {
      const images = Math.min(EVALUATION_BATCH, count - start);
      this.#infer(
        split,
        start,
        images,
        (encoder, program) => encoder.copyBufferToBuffer(program.results, 0, results, start * 8, images * 8),
      );
    }
    const values = new Float32Array(await this.#gpu.read(results));
    results.destroy();
    let [loss, hits] = [0, 0];
    for (let image = 0; image < count; image++) {
      loss += values[2 * image]!;
      hits += values[2 * image + 1]!;
    }
    return { loss: loss / count, accuracy: hits / count, count };
  }

  async predict(split: Split): Promise<Float32Array> {
    this.#gpu.assertHealthy();
    const { count } = this.#options.data[split];
    const { classes } = this.#options.model;
    const logits = this.#gpu.createBuffer(`${split} logits`, count * classes * 4);
    for (let start = 0; start < count; start += EVALUATION_BATCH) {
      const images = Math.min(EVALUATION_BATCH, count - start);
      this.#infer(
        split,
        start,
        images,
        (encoder, program) =>
          encoder.copyBufferToBuffer(program.logits, 0, logits, start * classes * 4, images * classes * 4),
      );
    }
    const values = new Float32Array(await this.#gpu.read(logits));
    logits.destroy();
    return values;
  }

  resetOptimizer(): void {
    this.#gpu.assertHealthy();
    const encoder = this.#gpu.device.createCommandEncoder();
    encoder.clearBuffer(this.#store.velocities);
    this.#gpu.device.queue.submit([encoder.finish()]);
  }

  average(name: string): void {
    throw new RangeError(`No average is called ${JSON.stringify(name)}; the webgpu device keeps none yet`);
  }

  estimateStatistics(): void {
    throw new TypeError("The webgpu device does not estimate statistics yet: take --backend wasm");
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

  /** Runs one update and times each of its kernels on the device; `null` where it has no timestamps. */
  async profile(batch: Batch, controls: Controls): Promise<KernelTime[] | null> {
    const program = this.#send(batch, controls);
    return await profile(this.#gpu, program.dispatches);
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#sources, this.#training, this.#inference]) {
      for (const resource of owned.values()) resource[Symbol.dispose]();
      owned.clear();
    }
    this.#store[Symbol.dispose]();
    this.#controls.destroy();
    this.#log.destroy();
  }

  /** Writes what an update reads, in the order of the queue. */
  #send(batch: Batch, controls: Controls): Program {
    this.#gpu.assertHealthy();
    const program = this.#trainingProgram(batch.indices.length);
    this.#source("train").send(batch, program.inputs);
    const values = new Float32Array([controls.lr, controls.momentum, this.#logged, 0]);
    this.#gpu.device.queue.writeBuffer(this.#controls, 0, values);
    return program;
  }

  /** Takes what is in the log, in the order of the queue, and starts it anew. */
  #takeLog(): void {
    const log = this.#gpu.read(this.#log, this.#logged * LOG_VALUES * 4);
    // Whoever awaits the losses sees the error; nobody may ever do so.
    log.catch(() => {});
    this.#full.push(log);
    this.#logged = 0;
  }

  /** Runs images through the network in inference mode; `keep` copies what the program leaves. */
  #infer(
    split: Split,
    start: number,
    count: number,
    keep: (encoder: GPUCommandEncoder, program: Program) => void,
  ): void {
    const program = this.#inferenceProgram(split, count);
    this.#source(split).send(plainBatch(start, count), program.inputs);
    const encoder = this.#gpu.device.createCommandEncoder();
    program.encode(encoder);
    keep(encoder, program);
    this.#gpu.device.queue.submit([encoder.finish()]);
  }

  #trainingProgram(batch: number): Program {
    const { batchSize } = this.#options;
    const optimizer = this.#optimizer;
    if (batch < 1 || batch > batchSize) {
      throw new RangeError(`Cannot update on ${batch} images: this learner takes 1 to ${batchSize}`);
    }
    const update = { optimizer, controls: this.#controls, log: this.#log };
    return remembered(
      this.#training,
      batch,
      () => trainingProgram(this.#programOptions("train", batch), update),
    );
  }

  #inferenceProgram(split: Split, batch: number): Program {
    const options = () => this.#programOptions(split, batch);
    return remembered(this.#inference, `${split} ${batch}`, () => inferenceProgram(options()));
  }

  #programOptions(split: Split, batch: number): ProgramOptions {
    const { model } = this.#options;
    return { gpu: this.#gpu, model, batch, source: this.#source(split), store: this.#store };
  }

  #source(split: Split): Source {
    return remembered(this.#sources, split, () => new Source(this.#gpu, this.#options.data, split));
  }
}

function remembered<K, V>(cache: Map<K, V>, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
