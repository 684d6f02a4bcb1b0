import * as tf from "@tensorflow/tfjs";
import { fillBatch } from "#train/batches.ts";
import type { Split, TrainingData } from "#train/data.ts";
import type {
  AppliedUpdate,
  Batch,
  Controls,
  Evaluation,
  LearnerState,
  PlainLearner,
} from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { plainBatch } from "../plain_batch.ts";
import { parametersOf } from "../parameters.ts";
import type { SpecNamed } from "#train/optimizer.ts";
import { checkState, slotName } from "../state.ts";
import { crossEntropy, forward, type Moments, movingStatistics } from "./network.ts";
import { plainSgd } from "./plain_sgd.ts";
import { sgdUpdate } from "./sgd.ts";
import { oneHot, readAndDispose } from "./tensors.ts";

const EVALUATION_BATCH = 250;

/**
 * Trains a {@link Model} by tfjs ops, one at a time, on whatever backend is set. The reference for devices of our
 * own: nothing is fused and tfjs differentiates. Weights are immutable tensors, replaced by every step.
 */
export class TfjsLearner implements PlainLearner {
  readonly #options: LearnerOptions;
  readonly #optimizer: SpecNamed<"sgd">;
  readonly #backend = tf.getBackend();
  readonly #trainable: readonly string[];
  /** Every variable and every momentum buffer, by name; kept from tidy, owned here. */
  readonly #tensors = new Map<string, tf.Tensor>();
  /** `[loss, lr, momentum]` of each step since the last `losses()`, on the device. */
  #applied: tf.Tensor1D[] = [];
  readonly #pixels: Float32Array;

  readonly #assertHealthy: () => void;

  /** `assertHealthy` throws what the device reported since. */
  constructor(options: LearnerOptions, assertHealthy: () => void) {
    if (options.data.labelUnit !== "image") {
      throw new TypeError(`The tfjs device classifies images alone: ${options.data.name} has other labels`);
    }
    this.#options = options;
    this.#optimizer = plainSgd(options);
    this.#assertHealthy = assertHealthy;
    this.#trainable = parametersOf(options.model).filter((p) => p.trainable).map((p) => p.name);
    const [height, width, channels] = options.model.input;
    const images = Math.max(options.batchSize, EVALUATION_BATCH);
    this.#pixels = new Float32Array(images * height * width * channels);
    this.#replaceAll(options.initial);
  }

  /** @throws {TypeError} for a batch that would have to be taken in parts. */
  update(batch: Batch, controls: Controls): void {
    this.#assertBackend();
    const { batchSize } = this.#options;
    if (batch.indices.length > batchSize) {
      throw new TypeError(
        `The tfjs device does not accumulate: ${batch.indices.length} images are more than ${batchSize}`,
      );
    }
    const statistics: [string, Moments][] = [];
    try {
      const fresh = tf.tidy(() => this.#step(batch, controls, statistics));
      for (const [name, tensor] of fresh.tensors) this.#replace(name, tensor);
      this.#applied.push(fresh.record);
    } finally {
      for (const [, { mean, variance }] of statistics) tf.dispose([mean, variance]);
    }
  }

  async losses(): Promise<readonly AppliedUpdate[]> {
    const pending = this.#applied;
    this.#applied = [];
    if (pending.length === 0) return [];
    const values = await readAndDispose(pending);
    this.#assertHealthy();
    return pending.map((_, index) => ({
      loss: values[3 * index]!,
      lr: values[3 * index + 1]!,
      momentum: values[3 * index + 2]!,
    }));
  }

  async evaluate(split: Split): Promise<Evaluation> {
    this.#assertBackend();
    const { model, data } = this.#options;
    const { labels, count } = data[split];
    const totals: tf.Tensor1D[] = [];
    for (let start = 0; start < count; start += EVALUATION_BATCH) {
      const batch = plainBatch(start, Math.min(EVALUATION_BATCH, count - start));
      totals.push(tf.tidy(() => {
        const images = this.#images({ ...data, train: data[split] }, batch);
        const logits = forward(model, this.#tensors, images, { kind: "inference" });
        const target = oneHot(labels, batch.indices, model.classes);
        const loss = tf.mul(crossEntropy(logits, target), batch.indices.length);
        const hits = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(target, 1)), "float32"));
        return tf.stack([loss, hits]) as tf.Tensor1D;
      }));
    }
    const values = totals.length === 0 ? new Float32Array() : await readAndDispose(totals);
    this.#assertHealthy();
    let loss = 0;
    let hits = 0;
    for (let index = 0; index < values.length; index += 2) {
      loss += values[index]!;
      hits += values[index + 1]!;
    }
    return { loss: loss / count, accuracy: hits / count, count };
  }

  async save(): Promise<LearnerState> {
    const entries = [...this.#tensors].map(async ([name, tensor]) => {
      return [name, { shape: tensor.shape, data: (await tensor.data<"float32">()).slice() }] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  load(state: LearnerState): Promise<void> {
    this.#assertBackend();
    this.#replaceAll(state);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    tf.dispose([...this.#tensors.values(), ...this.#applied]);
    this.#tensors.clear();
    this.#applied = [];
  }

  /** New values of everything that a step changes, kept, and its record. */
  #step(batch: Batch, controls: Controls, statistics: [string, Moments][]) {
    const { model, data } = this.#options;
    const images = this.#images(data, batch);
    const labels = oneHot(data.train.labels, batch.indices, model.classes);
    const weights = this.#trainable.map((name) => this.#tensors.get(name)!);
    // Kept from the tidy of the layer that they come from.
    const observe = (layer: string, { mean, variance, count }: Moments) =>
      void statistics.push([layer, { mean: tf.keep(mean), variance: tf.keep(variance), count }]);
    const { value: loss, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const variables = new Map(this.#tensors);
      this.#trainable.forEach((name, index) => variables.set(name, values[index]!));
      return crossEntropy(forward(model, variables, images, { kind: "training", observe }), labels);
    })(weights);
    const applied = tf.tensor1d([controls.lr, controls.momentum]);
    const slots = this.#trainable.map((name, index) => ({
      weight: weights[index]!,
      velocity: this.#tensors.get(slotName(name))!,
      gradient: grads[index]!,
    }));
    const tensors = sgdUpdate(slots, applied, this.#optimizer).flatMap(({ weight, velocity }, index) => {
      const name = this.#trainable[index]!;
      return [[name, weight], [slotName(name), velocity]] as [string, tf.Tensor][];
    });
    for (const [layer, moments] of statistics) {
      tensors.push(...movingStatistics(this.#tensors, layer, moments));
    }
    for (const [, tensor] of tensors) tf.keep(tensor);
    return { tensors, record: tf.keep(tf.concat([tf.reshape(loss, [1]), applied]) as tf.Tensor1D) };
  }

  #images(data: TrainingData, batch: Batch): tf.Tensor4D {
    const [height, width, channels] = data.shape;
    const count = batch.indices.length;
    const pixels = this.#pixels.subarray(0, count * height * width * channels);
    fillBatch(data, batch, pixels);
    // A copy: a backend may upload what it is given later than this returns.
    return tf.tensor4d(pixels.slice(), [count, height, width, channels]);
  }

  #replaceAll(state: LearnerState): void {
    for (const [name, { shape, data }] of checkState(this.#options, state)) {
      this.#replace(name, tf.keep(tf.tensor(data.slice(), [...shape], "float32")));
    }
  }

  #replace(name: string, tensor: tf.Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, tensor);
  }

  /** tfjs has one backend for the whole process; training must not move when somebody else sets another. */
  #assertBackend(): void {
    this.#assertHealthy();
    if (tf.getBackend() === this.#backend) return;
    throw new Error(`This run started on ${this.#backend}, but tfjs was switched to ${tf.getBackend()}`);
  }
}
