import { fillBatch, fillLabels, labelsPerImage } from "#train/batches.ts";
import type { Split, TrainingData } from "#train/data.ts";
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
import { checkAverage, checkEvaluated, checkStatisticsBatch } from "../requests.ts";
import { dropoutStep } from "../dropout_layers.ts";
import { labelEvaluation } from "../label_evaluation.ts";
import { cutBatch, plainBatch, plainBatches } from "../plain_batch.ts";
import {
  referenceForward,
  referenceGradients,
  referenceInference,
  referenceLogits,
  type ReferenceState,
  type TrainingOptions,
} from "../reference/model.ts";
import { logitsPerImage, type MaskLosses, maskLosses } from "../segmentation.ts";
import { groupsOf, ratesOf } from "../groups.ts";
import { norm, optimizerUpdate } from "../reference/optimizer.ts";
import { isHiddenKernel } from "../parameters.ts";
import { advanceGroups, readScalars, scalarName, scalarNames, scalarSet } from "../scalars.ts";
import { averageName, checkState, slotName, STEPS } from "../state.ts";
import { entryOf } from "#train/optimizer.ts";

/** Images that one pass of an evaluation holds in memory. */
const EVALUATION_BATCH = 100;

/**
 * Trains with the plain loops that every other device is tested against: arithmetic in 64 bits, in JavaScript, on any
 * machine. What is kept between steps has 32 bits, as on the other devices, so a saved state loses nothing.
 */
export class CpuLearner implements Learner {
  readonly #options: LearnerOptions;
  /** `null` but for images with masks. */
  readonly #masks: MaskLosses | null;
  #state: ReferenceState;
  #applied: AppliedUpdate[] = [];

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#masks = maskLosses(options, Math.max(options.batchSize, EVALUATION_BATCH));
    this.#state = copy(Object.fromEntries(checkState(options, options.initial)));
  }

  update(batch: Batch, controls: Controls): void {
    const { optimizer, gradientNorms, model } = this.#options;
    const rates = ratesOf(controls, optimizer.groups?.length ?? 0);
    const momentum = Math.fround(controls.momentum);
    const { gradients, ...seen } = this.#accumulate(
      batch,
      dropoutStep(model, controls),
      controls.lossWeights,
    );

    // 1. Every parameter with its slots, its group's rate and decay, its group's count and scalars.
    const counts = this.#state[STEPS]!.data.map((count, index) => count + Number(rates[index] !== null));
    const wide = (name: string) => Float64Array.from(this.#state[name]!.data);
    const { slots } = entryOf(optimizer);
    const assigned = groupsOf(model, optimizer.groups);
    const scalars = readScalars(optimizer, (scalar) => this.#state[scalarName(scalar)]!.data);
    const advanced = advanceGroups(optimizer, scalars, { rates, counts, momentum });
    const before = assigned.map(({ parameter, parameter: { name, shape }, group }) => ({
      weight: wide(name),
      shape,
      hidden: isHiddenKernel(model, parameter),
      gradient: gradients[name]!,
      slots: Object.fromEntries(slots.map((slot) => [slot, wide(slotName(name, slot))])),
      lr: rates[group + 1]!,
      weightDecay: optimizer.groups?.[group]?.weight_decay ?? optimizer.weight_decay,
      count: counts[group + 1]!,
      set: scalarSet(optimizer, group),
    }));

    // 2. All of them moved, and rounded to what is kept.
    const { moved, shared } = optimizerUpdate(before, optimizer, momentum, {
      before: scalars,
      after: advanced,
    });
    this.#set({ [STEPS]: counts });
    const sets = entryOf(optimizer).scalars?.kind === "shared" ? [shared] : advanced;
    for (const scalar of scalarNames(optimizer)) {
      this.#set({ [scalarName(scalar)]: sets.map((values) => values[scalar]!) });
    }
    assigned.forEach(({ parameter: { name } }, index) => {
      const after = moved[index]!;
      this.#set({ [name]: after.weight });
      for (const slot of slots) this.#set({ [slotName(name, slot)]: after.slots[slot]! });
    });
    const gradientNorm = norm(before.filter((each) => each.lr !== null).map(({ gradient }) => gradient));
    this.#applied.push({ lr: rates[0]!, momentum, ...seen, ...(gradientNorms && { gradientNorm }) });
  }

  // deno-lint-ignore require-await -- an image that is not there rejects
  async predict(split: Split, images?: readonly number[]): Promise<Float32Array> {
    const { model, data } = this.#options;
    const { count } = data[split];
    const each = logitsPerImage(model);
    const logits = new Float32Array((images?.length ?? count) * each);
    for (const { batch, start } of plainBatches(count, EVALUATION_BATCH, images)) {
      const pixels = pixelsOf({ ...data, train: data[split] }, batch);
      logits.set(referenceLogits(model, this.#state, pixels), start * each);
    }
    return logits;
  }

  resetOptimizer(): void {
    const { optimizer, model } = this.#options;
    for (const { parameter } of groupsOf(model)) {
      for (const slot of entryOf(optimizer).slots) {
        const name = slotName(parameter.name, slot);
        this.#set({ [name]: new Float64Array(this.#state[name]!.data.length) });
      }
    }
    for (const name of [STEPS, ...scalarNames(optimizer).map(scalarName)]) {
      this.#set({ [name]: new Float64Array(this.#state[name]!.data.length) });
    }
  }

  average(name: string, share: number): void {
    const { averages = [], model } = this.#options;
    checkAverage(name, averages);
    for (const { parameter } of groupsOf(model)) {
      const weights = this.#state[parameter.name]!.data;
      const key = averageName(name, parameter.name);
      this.#set({
        [key]: Float64Array.from(
          this.#state[key]!.data,
          (old, index) => share === 1 ? weights[index]! : old + share * (weights[index]! - old),
        ),
      });
    }
  }

  estimateStatistics(batch: Batch, keep: number): void {
    const { data, model, batchSize } = this.#options;
    checkStatisticsBatch(batch.indices.length, batchSize);
    this.#set(referenceForward(model, this.#state, pixelsOf(data, batch), { keep }).moving);
  }

  gradients(batch: Batch, lossWeights?: Controls["lossWeights"]): Promise<Gradients> {
    return Promise.resolve().then(() => this.#accumulate(batch, null, lossWeights).gradients);
  }

  losses(): Promise<readonly AppliedUpdate[]> {
    const applied = this.#applied;
    this.#applied = [];
    return Promise.resolve(applied);
  }

  async evaluate(split: Split): Promise<Evaluation> {
    const { data, model } = this.#options;
    const { count } = data[split];
    const masks = this.#masks;
    if (masks) {
      const sums = masks.emptySums();
      await this.#infer(
        split,
        (images, batch) => masks.judge(split, batch, referenceLogits(model, this.#state, images), sums),
      );
      return masks.evaluation(sums, count);
    }
    let [loss, hits] = [0, 0];
    await this.#infer(split, (images, batch) => {
      const labels = labelsOf(data, split, batch);
      const seen = referenceInference(model, this.#state, images, labels);
      loss += seen.loss * labels.length;
      hits += seen.correct;
    });
    return labelEvaluation(data, { loss, hits }, count);
  }

  save(): Promise<LearnerState> {
    return Promise.resolve(copy(this.#state));
  }

  load(state: LearnerState): Promise<void> {
    return Promise.resolve().then(() => {
      this.#state = copy(Object.fromEntries(checkState(this.#options, state)));
    });
  }

  [Symbol.dispose](): void {
    this.#state = {};
    this.#applied = [];
  }

  /** Mean loss and gradient over all images of a step, part by part; batch norm's statistics move with each. */
  #accumulate(
    batch: Batch,
    step: number | null,
    lossWeights?: Controls["lossWeights"],
  ): Pick<AppliedUpdate, "loss" | "components"> & { readonly gradients: Record<string, Float64Array> } {
    const { batchSize, dropoutSeed: seed = 0 } = this.#options;
    const masks = this.#masks;
    const weights = masks?.weights({ lossWeights }) ?? [];
    const total = batch.indices.length;
    const losses: number[] = [];
    const gradients: Record<string, Float64Array> = {};
    for (let start = 0; start < total; start += batchSize) {
      const part = cutBatch(batch, start, start + batchSize);
      const dropout = step === null ? {} : { dropoutMask: { seed, step, first: start } };
      const seen = masks ? this.#segment(part, masks, weights, dropout) : this.#classify(part, dropout);
      const share = part.indices.length / total;
      seen.losses.forEach((loss, index) => losses[index] = (losses[index] ?? 0) + share * loss);
      for (const [name, gradient] of Object.entries(seen.gradients)) {
        const sum = gradients[name] ??= new Float64Array(gradient.length);
        gradient.forEach((value, index) => sum[index]! += share * value);
      }
      this.#set(seen.moving);
    }
    return { gradients, ...(masks ? masks.applied(losses, weights, 1) : { loss: losses[0]! }) };
  }

  #classify(batch: Batch, dropout: Pick<TrainingOptions, "dropoutMask">) {
    const { model, data, loss } = this.#options;
    const images = pixelsOf(data, batch);
    const labels = labelsOf(data, "train", batch);
    const seen = referenceGradients(model, this.#state, images, labels, { loss, ...dropout });
    return { ...seen, losses: [seen.loss] };
  }

  #segment(
    batch: Batch,
    masks: MaskLosses,
    weights: readonly number[],
    dropout: Pick<TrainingOptions, "dropoutMask">,
  ) {
    const { model, data } = this.#options;
    const { logits, moving, backward } = referenceForward(
      model,
      this.#state,
      pixelsOf(data, batch),
      dropout,
    );
    const gradient = new Float64Array(logits.length);
    const images = batch.indices.length;
    const sums = masks.step(batch, logits, weights, gradient, 1 / images);
    return { losses: [...sums].map((sum) => sum / images), gradients: backward(gradient), moving };
  }

  /** Batches of a split, and their images. */
  // deno-lint-ignore require-await -- a split without images rejects
  async #infer(split: Split, take: (images: Float32Array, batch: Batch) => void): Promise<void> {
    const { data } = this.#options;
    const { count } = data[split];
    checkEvaluated(split, count);
    for (let start = 0; start < count; start += EVALUATION_BATCH) {
      const batch = plainBatch(start, Math.min(EVALUATION_BATCH, count - start));
      take(pixelsOf({ ...data, train: data[split] }, batch), batch);
    }
  }

  #set(values: Readonly<Record<string, ArrayLike<number>>>): void {
    const fresh = Object.entries(values).map(([name, data]) =>
      [name, { shape: this.#state[name]!.shape, data: Float32Array.from(data) }] as const
    );
    this.#state = { ...this.#state, ...Object.fromEntries(fresh) };
  }
}

function pixelsOf(data: TrainingData, batch: Batch): Float32Array {
  const [height, width, channels] = data.shape;
  const images = new Float32Array(batch.indices.length * height * width * channels);
  fillBatch(data, batch, images);
  return images;
}

/** Labels of a batch of a split, of images or tokens. */
function labelsOf(data: TrainingData, split: Split, batch: Batch): Uint8Array {
  const labels = new Uint8Array(batch.indices.length * labelsPerImage(data));
  fillLabels(data, data[split], batch, labels);
  return labels;
}

function copy(state: ReferenceState): LearnerState {
  const entries = Object.entries(state).map(([name, { shape, data }]) =>
    [name, { shape, data: Float32Array.from(data) }] as const
  );
  return Object.fromEntries(entries);
}
