import type { LearnerOptions } from "#compute/device.ts";
import { groupsOf } from "#compute/groups.ts";
import { cutBatch } from "#compute/plain_batch.ts";
import { isHiddenKernel } from "#compute/parameters.ts";
import { referenceGradients, type TrainingOptions } from "#compute/reference/model.ts";
import { type Moved, norm, optimizerUpdate } from "#compute/reference/optimizer.ts";
import { advanceGroups, readScalars, scalarName, scalarNames, scalarSet } from "#compute/scalars.ts";
import { averageName, checkState, slotName, STEPS } from "#compute/state.ts";
import { fillBatch } from "#train/batches.ts";
import type { TrainingData } from "#train/data.ts";
import type { Batch, Controls, LearnerState } from "#train/learner.ts";
import { entryOf } from "#train/optimizer.ts";

export type Float64State = Record<string, { shape: readonly number[]; data: Float64Array }>;

/** What every learner is held to: the same steps in float64, with nothing rounded between them. */
export class ReferenceRun {
  /** Named as a learner's. */
  readonly state: Float64State;
  readonly #options: LearnerOptions;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.state = wide(Object.fromEntries(checkState(options, options.initial)));
  }

  /** One step, the batch in parts; the loss before it and the norm of its gradient. */
  update(batch: Batch, controls: Controls): { loss: number; gradientNorm: number } {
    const { model, optimizer } = this.#options;
    const { loss, gradients } = this.#accumulate(batch, controls.step);
    const rates = [controls.lr, ...controls.groups ?? (optimizer.groups ?? []).map(() => controls.lr)];
    rates.forEach((rate, index) => this.state[STEPS]!.data[index]! += rate === null ? 0 : 1);
    const assigned = groupsOf(model, optimizer.groups);
    const { momentum } = controls;
    const counts = this.state[STEPS]!.data;
    const scalars = readScalars(optimizer, (scalar) => this.state[scalarName(scalar)]!.data);
    const advanced = advanceGroups(optimizer, scalars, { rates, counts, momentum });
    const before = assigned.map(({ parameter, parameter: { name, shape }, group }) => ({
      weight: this.state[name]!.data,
      shape,
      hidden: isHiddenKernel(model, parameter),
      gradient: gradients[name]!,
      slots: Object.fromEntries(
        entryOf(optimizer).slots.map((slot) => [slot, this.state[slotName(name, slot)]!.data]),
      ),
      lr: rates[group + 1]!,
      weightDecay: optimizer.groups?.[group]?.weight_decay ?? optimizer.weight_decay,
      count: counts[group + 1]!,
      set: scalarSet(optimizer, group),
    }));
    const { moved, shared } = optimizerUpdate(before, optimizer, momentum, {
      before: scalars,
      after: advanced,
    });
    const sets = entryOf(optimizer).scalars?.kind === "shared" ? [shared] : advanced;
    for (const scalar of scalarNames(optimizer)) {
      this.#set(scalarName(scalar), Float64Array.from(sets, (values) => values[scalar]!));
    }
    moved.forEach(({ weight, slots }: Moved, index) => {
      const { name } = assigned[index]!.parameter;
      this.#set(name, weight);
      for (const [slot, data] of Object.entries(slots)) this.#set(slotName(name, slot), data);
    });
    const moving = before.filter(({ lr }) => lr !== null).map(({ gradient }) => gradient);
    return { loss, gradientNorm: norm(moving) };
  }

  resetOptimizer(): void {
    const slots = entryOf(this.#options.optimizer).slots;
    for (const [name, { data }] of Object.entries(this.state)) {
      if (name.startsWith("optimizer/") || slots.some((slot) => name.endsWith(`/${slot}`))) {
        this.#set(
          name,
          data.map(() => 0),
        );
      }
    }
  }

  average(name: string, share: number): void {
    for (const { parameter } of groupsOf(this.#options.model)) {
      const weights = this.state[parameter.name]!.data;
      const key = averageName(name, parameter.name);
      this.#set(key, this.state[key]!.data.map((old, at) => old + share * (weights[at]! - old)));
    }
  }

  estimateStatistics(batch: Batch, keep: number): void {
    this.#move(this.#gradients(batch, { keep }).moving);
  }

  /** The gradient of the mean loss over a batch in parts, without dropout. */
  gradients(batch: Batch): Record<string, Float64Array> {
    return this.#accumulate(batch).gradients;
  }

  #accumulate(batch: Batch, step?: number) {
    const { batchSize, dropoutSeed: seed = 0 } = this.#options;
    const images = batch.indices.length;
    let loss = 0;
    const gradients: Record<string, Float64Array> = {};
    for (let start = 0; start < images; start += batchSize) {
      const part = cutBatch(batch, start, start + batchSize);
      const dropoutMask = step === undefined ? undefined : { seed, step, first: start };
      const seen = this.#gradients(part, { dropoutMask });
      const share = part.indices.length / images;
      loss += share * seen.loss;
      for (const [name, gradient] of Object.entries(seen.gradients)) {
        const sum = gradients[name] ?? new Float64Array(gradient.length);
        gradients[name] = sum.map((value, at) => value + share * gradient[at]!);
      }
      this.#move(seen.moving);
    }
    return { loss, gradients };
  }

  #gradients(batch: Batch, options: Pick<TrainingOptions, "keep" | "dropoutMask">) {
    const { model, data, loss } = this.#options;
    const { images, labels } = inputsOf(data, batch);
    return referenceGradients(model, this.state, images, labels, { ...options, loss });
  }

  #move(moving: Readonly<Record<string, Float64Array>>): void {
    for (const [name, data] of Object.entries(moving)) this.#set(name, data);
  }

  #set(name: string, data: Float64Array): void {
    this.state[name] = { shape: this.state[name]!.shape, data };
  }
}

/** Images and labels of a batch, as the reference takes them. */
export function inputsOf(data: TrainingData, batch: Batch): { images: Float32Array; labels: number[] } {
  const [height, width, channels] = data.shape;
  const images = new Float32Array(batch.indices.length * height * width * channels);
  fillBatch(data, batch, images);
  return { images, labels: Array.from(batch.indices, (index) => data.train.labels[index]!) };
}

function wide(state: LearnerState): Float64State {
  const entries = Object.entries(state).map(([name, { shape, data }]) =>
    [name, { shape, data: Float64Array.from(data) }] as const
  );
  return Object.fromEntries(entries);
}
