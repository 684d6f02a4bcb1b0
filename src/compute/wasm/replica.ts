import type { Split } from "#train/data.ts";
import type { AppliedUpdate, Batch, Controls, Evaluation } from "#train/learner.ts";
import { CROSS_ENTROPY, labelLoss, type LabelLossSpec, lossFactors } from "#train/loss.ts";
import type { LearnerOptions } from "../device.ts";
import { labelEvaluation } from "../label_evaluation.ts";
import { plainBatch, plainBatches } from "../plain_batch.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { parametersOf } from "../parameters.ts";
import { elements } from "../state.ts";
import { logitsPerImage, type MaskLosses, maskLosses } from "../segmentation.ts";
import { BatchInput, kernelLabels, placeBatch } from "./batch_input.ts";
import type { Build } from "./build.ts";
import { type Kernels, loadKernels } from "./kernels.ts";
import { Optimizer } from "./optimizer.ts";
import { type Plan, planModel } from "./plan.ts";
import { Arena } from "./plane.ts";
import { ownPart, type Part, type Variable, whole } from "./replica_part.ts";
import { Passes } from "./pass.ts";
import type { ProcessGroup } from "./process_group.ts";

/** One step, or a part of one, as a replica applied it. */
export interface ReplicaUpdate extends Omit<AppliedUpdate, "loss" | "components"> {
  /** As of {@link Replica.lossesAndGradients}. */
  readonly losses: Float64Array;
}

/** Settings of one pass forward and backward. */
interface PassSettings {
  /** The step's number, which decides what is dropped; `null` or absent for nothing. */
  readonly step?: number | null;
  /** Of the loss's components; absent for its own. */
  readonly lossWeights?: readonly number[] | undefined;
}

/**
 * The static training step: every buffer is planned before the first step, in a memory that never grows, and a
 * step is a fixed list of kernel calls. As one of a group it computes its share of each batch, and ends each step
 * with the same weights as the others. Every command ends or goes through a barrier, so that nobody writes the next one
 * before everybody has read the last.
 */
export class Replica {
  readonly #options: LearnerOptions;
  readonly #group: ProcessGroup | null;
  readonly #plan: Plan;
  readonly #input: BatchInput;
  readonly #optimizer: Optimizer;
  /** Address of the gradients that add up over the parts of a step. */
  readonly #accumulated: number;
  /** Hits of an evaluation, one i32. */
  readonly #correct: number;
  /** The key of the dropout masks: two u32. */
  readonly #dropoutMask: number;
  readonly #passes: Passes;
  /** `null` but for images with masks. */
  readonly #masks: MaskLosses | null;
  readonly #arena = new Arena();
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  /** Everything that is saved. */
  readonly variables: readonly Variable[];

  constructor(options: LearnerOptions, build: Build, group: ProcessGroup | null = null) {
    const images = Math.ceil(options.batchSize / (group?.size ?? 1));
    this.#options = options;
    this.#group = group;
    this.#masks = maskLosses(options, images);
    this.#plan = planModel(options.model, images, this.#arena, options.dropoutSeed);
    const bytes = placeBatch(options.data, images, this.#arena);
    this.#accumulated = this.#arena.floats(this.#plan.trainableFloats);
    const averages = group && group.rank > 0 ? [] : options.averages ?? [];
    this.#optimizer = new Optimizer(options, this.#plan, this.#arena, averages);
    this.#correct = this.#arena.floats(1);
    this.#dropoutMask = this.#arena.allocate(8);
    this.#memory = this.#arena.createMemory();
    this.#kernels = loadKernels(this.#memory, build);
    this.#input = new BatchInput(bytes, this.#plan.input, this.#memory, this.#kernels, options.data);
    const allReduce = (at: number, count: number) => this.#group?.allReduce(this.#doubles(at, count));
    this.#passes = new Passes(this.#plan.stages, this.#kernels, allReduce);
    this.variables = [...this.#namedVariables()];
  }

  /** The memory and the ends of its buffers. */
  get buffers(): { memory: WebAssembly.Memory; guards: readonly number[] } {
    return { memory: this.#memory, guards: this.#arena.guards };
  }

  /**
   * One step by a batch, of which this replica takes its share; or a part of one, whose gradients are kept for the
   * last part. Losses are sums over the batch's images divided by those of the whole step.
   */
  update(batch: Batch, controls: Controls, part: Part = whole(batch)): ReplicaUpdate {
    const { gradients, trainableFloats } = this.#plan;
    const step = dropoutStep(this.#options.model, controls);
    const losses = this.lossesAndGradients(batch, part, { step, lossWeights: controls.lossWeights });
    if (!part.first) this.#kernels.addTo(gradients, this.#accumulated, trainableFloats);
    if (!part.last) {
      this.#kernels.moveTowards(this.#accumulated, gradients, trainableFloats, 1);
      return { ...controls, losses };
    }
    const { lr, momentum, gradientNorm } = this.#optimizer.apply(this.#kernels, this.#memory, controls);
    return { lr, momentum, losses, ...(gradientNorm !== null && { gradientNorm }) };
  }

  /** Sets slots and counts back to zero. */
  resetOptimizer(): void {
    this.#optimizer.reset(this.#kernels, this.#memory);
    this.#group?.barrier();
  }

  /** See `Learner.average`. */
  average(name: string, share: number): void {
    this.#optimizer.average(this.#kernels, name, share);
  }

  /** A pass in training mode that moves batch norm's statistics alone. */
  estimateStatistics(batch: Batch, keep: number): void {
    const size = this.#input.load(this.#options.data.train, ownPart(batch, this.#group).batch);
    this.#passes.estimate(size, batch.indices.length, keep);
    this.#group?.barrier();
  }

  /**
   * Losses of a batch, summed over its images and divided by those of the step that it is a part of: one, or of images
   * with masks each component's; its gradients are then those of the whole batch, in every replica.
   */
  lossesAndGradients(
    batch: Batch,
    part: Part = whole(batch),
    { step = null, lossWeights }: PassSettings = {},
  ): Float64Array {
    const { images } = part;
    const { gradients, trainableFloats } = this.#plan;
    const { batch: own, from } = ownPart(batch, this.#group);
    const size = this.#input.load(this.#options.data.train, own);
    const total = batch.indices.length;
    const mask = step === null ? 0 : this.#dropoutMask;
    if (step !== null) new Uint32Array(this.#memory.buffer, mask, 2).set([step, part.start + from]);
    // Biases add up image by image.
    this.#kernels.zero(gradients, trainableFloats * 4);
    this.#passes.run("forward", size, total, mask);
    const losses = this.#losses(own, size, images, lossWeights);
    this.#passes.run("backward", size, total, mask);
    this.#group?.allReduce(this.#floats(gradients, trainableFloats));
    this.#group?.allReduce(losses);
    return losses.map((sum) => sum / images);
  }

  /** Losses of the loaded images, each the mean over its labels, summed over them; leaves their gradient over the `images` of a step. */
  #losses(
    batch: Batch,
    size: number,
    images: number,
    lossWeights: PassSettings["lossWeights"],
  ): Float64Array {
    const { logits, logitsGradient } = this.#plan;
    const { loss = CROSS_ENTROPY, model } = this.#options;
    const masks = this.#masks;
    if (!masks) {
      const each = kernelLabels(this.#options.data);
      const to = { gradient: logitsGradient, scale: 1 / (images * each), correct: 0 };
      return Float64Array.of(this.#loss(labelLoss(loss), size, to) / each);
    }
    const [values, gradient] = [logits, logitsGradient].map((at) =>
      this.#floats(at, size * logitsPerImage(model))
    ) as [Float32Array, Float32Array];
    return masks.step(batch, values, masks.weights({ lossWeights }), gradient, 1 / images);
  }

  /** `[count, classes]`, or `[count, height, width, classes]`: logits of a split's images, by this replica alone. */
  predict(split: Split, images?: readonly number[]): Float32Array {
    const { data, model, batchSize } = this.#options;
    const { count } = data[split];
    const size = Math.ceil(batchSize / (this.#group?.size ?? 1));
    const each = logitsPerImage(model);
    const logits = new Float32Array((images?.length ?? count) * each);
    for (const { batch, start } of plainBatches(count, size, images)) {
      const loaded = this.#input.load(data[split], batch);
      this.#passes.run("inference", loaded, loaded);
      logits.set(this.#floats(this.#plan.logits, loaded * each), start * each);
    }
    return logits;
  }

  /** The gradients that the last call of {@link lossesAndGradients} left, by trainable variable. */
  gradients(): Record<string, Float32Array> {
    const { gradients, weights, addresses } = this.#plan;
    return Object.fromEntries(
      parametersOf(this.#options.model).filter(({ trainable }) => trainable).map(({ name, shape }) => [
        name,
        this.#floats(addresses.get(name)! - weights + gradients, elements(shape)).slice(),
      ]),
    );
  }

  /** An evaluation over a whole split, in inference mode. */
  evaluate(split: Split): Evaluation {
    if (this.#masks) return this.#judgeMasks(split, this.#masks);
    const { data, batchSize } = this.#options;
    const { count } = data[split];
    const hits = new Int32Array(this.#memory.buffer, this.#correct, 1);
    hits[0] = 0;
    let loss = 0;
    for (let start = 0; start < count; start += batchSize) {
      const batch = plainBatch(start, Math.min(batchSize, count - start));
      const images = this.#input.load(data[split], ownPart(batch, this.#group).batch);
      this.#passes.run("inference", images, batch.indices.length);
      loss += this.#loss(CROSS_ENTROPY, images, { gradient: 0, scale: 0, correct: this.#correct });
    }
    const sums = Float64Array.of(loss, hits[0]!);
    this.#group?.allReduce(sums);
    return labelEvaluation(data, { loss: sums[0]!, hits: sums[1]! }, count);
  }

  #judgeMasks(split: Split, masks: MaskLosses): Evaluation {
    const { data, batchSize, model } = this.#options;
    const { count } = data[split];
    const sums = masks.emptySums();
    for (let start = 0; start < count; start += batchSize) {
      const batch = plainBatch(start, Math.min(batchSize, count - start));
      const own = ownPart(batch, this.#group).batch;
      const images = this.#input.load(data[split], own);
      this.#passes.run("inference", images, batch.indices.length);
      masks.judge(split, own, this.#floats(this.#plan.logits, images * logitsPerImage(model)), sums);
    }
    this.#group?.allReduce(sums);
    return masks.evaluation(sums, count);
  }

  /** Takes every variable over from one array, in the order of {@link variables}. */
  takeState(state: Float32Array): void {
    let offset = 0;
    for (const { values } of this.variables) {
      values.set(state.subarray(offset, offset + values.length));
      offset += values.length;
    }
    // Nobody may write the state again before everybody has read it.
    this.#group?.barrier();
  }

  /** The sum of the loss over all labels of the loaded images; `to` as the kernel takes it. */
  #loss(spec: LabelLossSpec, size: number, to: { gradient: number; scale: number; correct: number }): number {
    const { model: { classes }, data } = this.#options;
    const { labels } = this.#input.places;
    const rows = size * kernelLabels(data);
    const { smoothing, gamma } = lossFactors(spec);
    const places = [this.#plan.logits, labels, to.gradient, to.correct];
    return this.#kernels.softmaxLoss(...places, rows, classes, to.scale, smoothing, gamma);
  }

  *#namedVariables(): Generator<Variable> {
    for (const { name, shape } of parametersOf(this.#options.model)) {
      yield { name, shape, values: this.#floats(this.#plan.addresses.get(name)!, elements(shape)) };
    }
    for (const { name, shape, at } of this.#optimizer.variables) {
      yield { name, shape, values: this.#floats(at, elements(shape)) };
    }
  }

  #doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, count);
  }

  #floats(at: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, count);
  }
}
