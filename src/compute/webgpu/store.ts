import type { Gradients, HostTensor, LearnerState } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { groupsOf } from "../groups.ts";
import { isHiddenKernel, parametersOf } from "../parameters.ts";
import { scalarName, scalarNames, scalarSets } from "../scalars.ts";
import { averageName, checkState, slotName, STEPS } from "../state.ts";
import { entryOf } from "#train/optimizer.ts";
import { ALIGNMENT, type Slice } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import { BLOCK } from "./kernels/optimizer.ts";

interface Place {
  readonly buffer: GPUBuffer;
  readonly shape: readonly number[];
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

/**
 * A model's variables on the GPU. All weights lie in one buffer; their gradients, slots and averages in others in the
 * same places, so that one dispatch steps everything. Padding between them is zero and stays zero.
 */
export class Store implements Disposable {
  /** Values of all weights, padding included. */
  readonly length: number;
  readonly weights: GPUBuffer;
  /** Behind the gradients, from `length` on, lies a block for the loss: parts of a step add both up. */
  readonly gradients: GPUBuffer;
  readonly accumulated: GPUBuffer;
  /** In the order of the optimizer's entry. */
  readonly slots: readonly GPUBuffer[];
  readonly averages: ReadonlyMap<string, GPUBuffer>;
  /** The group of each block of weights, 0 for none. */
  readonly blocks: GPUBuffer;
  /** The trainable parameters, in their places. */
  readonly tensors: readonly (Omit<Place, "buffer"> & { readonly hidden: boolean })[];
  /** The scalars that all parameters share, and behind them those before the step. */
  readonly scalars: GPUBuffer;
  /** The scalars of groups, by name and set by set; the host computes them. */
  readonly groupScalars: Readonly<Record<string, Float32Array>>;
  /** Steps that those in no group and each group have had; the host counts them. */
  readonly counts: Float32Array;
  readonly #gpu: Gpu;
  readonly #options: LearnerOptions;
  readonly #statistics: GPUBuffer;
  /** By name as in a {@link LearnerState}. */
  readonly #places = new Map<string, Place>();
  readonly #gradientPlaces = new Map<string, Place>();

  constructor(gpu: Gpu, options: LearnerOptions) {
    const { model, optimizer, averages = [] } = options;
    this.#gpu = gpu;
    this.#options = options;
    const assigned = groupsOf(model, optimizer.groups);
    const trainable = layout(assigned.map(({ parameter }) => parameter));
    const fixed = layout(parametersOf(model).filter((parameter) => !parameter.trainable));
    const { slots } = entryOf(optimizer);
    this.length = trainable.bytes / 4;
    this.weights = gpu.createBuffer("weights", trainable.bytes);
    this.gradients = gpu.createBuffer("gradients", trainable.bytes + ALIGNMENT);
    this.accumulated = gpu.createBuffer("accumulated gradients", trainable.bytes + ALIGNMENT);
    this.slots = slots.map((slot) => gpu.createBuffer(slot, trainable.bytes));
    this.averages = new Map(
      averages.map((name) => [name, gpu.createBuffer(`average ${name}`, trainable.bytes)]),
    );
    this.#statistics = gpu.createBuffer("moving statistics", fixed.bytes);
    this.blocks = gpu.createBuffer("groups", 4 * this.length / BLOCK);
    this.counts = new Float32Array(1 + (optimizer.groups?.length ?? 0));
    this.tensors = trainable.places.map((place, index) => ({
      ...place,
      hidden: isHiddenKernel(model, assigned[index]!.parameter),
    }));
    const names = scalarNames(optimizer);
    const shared = entryOf(optimizer).scalars?.kind === "shared";
    this.scalars = gpu.createBuffer("scalars", shared ? 8 * names.length : 0);
    this.groupScalars = Object.fromEntries(
      shared ? [] : names.map((name) => [name, new Float32Array(scalarSets(optimizer))]),
    );
    if (shared) {
      names.forEach((name, index) =>
        this.#places.set(scalarName(name), { buffer: this.scalars, shape: [1], offset: 4 * index, size: 4 })
      );
    }

    const groups = trainable.places.flatMap(({ size }, index) =>
      Array.from({ length: Math.ceil(size / ALIGNMENT) }, () => assigned[index]!.group + 1)
    );
    gpu.queue.write(this.blocks, 0, Uint32Array.from(groups));
    for (const { name, ...place } of trainable.places) {
      this.#places.set(name, { buffer: this.weights, ...place });
      slots.forEach((slot, index) =>
        this.#places.set(slotName(name, slot), { buffer: this.slots[index]!, ...place })
      );
      for (const [average, buffer] of this.averages) {
        this.#places.set(averageName(average, name), { buffer, ...place });
      }
      this.#gradientPlaces.set(name, { buffer: this.gradients, ...place });
    }
    for (const { name, ...place } of fixed.places) {
      this.#places.set(name, { buffer: this.#statistics, ...place });
    }
  }

  /** A variable, slot or average. */
  variable(name: string): Slice {
    return slice(this.#places, name);
  }

  gradient(name: string): Slice {
    return slice(this.#gradientPlaces, name);
  }

  /** The loss, one value. */
  get loss(): Slice {
    return { buffer: this.gradients, offset: this.length * 4, size: 4 };
  }

  /** Sets slots and counts back to zero. */
  resetOptimizer(): void {
    for (const buffer of [...this.slots, this.scalars]) this.#gpu.queue.clear(buffer);
    for (const values of [this.counts, ...Object.values(this.groupScalars)]) values.fill(0);
  }

  load(state: LearnerState): void {
    for (const [name, { data }] of checkState(this.#options, state)) {
      const held = this.#held[name];
      if (held) {
        held.set(data);
        continue;
      }
      const { buffer, offset } = this.#places.get(name)!;
      this.#gpu.queue.write(buffer, offset, Float32Array.from(data));
    }
  }

  async save(): Promise<LearnerState> {
    const state: Record<string, HostTensor> = Object.fromEntries(
      Object.entries(this.#held).map(([name, values]) =>
        [name, { shape: [values.length], data: values.slice() }] as const
      ),
    );
    const shared = entryOf(this.#options.optimizer).scalars?.kind === "shared" ? [this.scalars] : [];
    const buffers = [this.weights, ...this.slots, ...this.averages.values(), this.#statistics, ...shared];
    const contents = await Promise.all(buffers.map((buffer) => this.#gpu.read(buffer)));
    for (const [name, { buffer, shape, offset, size }] of this.#places) {
      state[name] = {
        shape,
        data: new Float32Array(contents[buffers.indexOf(buffer)]!, offset, size / 4).slice(),
      };
    }
    return state;
  }

  async readGradients(): Promise<Gradients> {
    const content = await this.#gpu.read(this.gradients);
    return Object.fromEntries(
      [...this.#gradientPlaces].map((
        [name, { offset, size }],
      ) => [name, new Float32Array(content, offset, size / 4)]),
    );
  }

  /** What the host keeps, by name as in a {@link LearnerState}. */
  get #held(): Readonly<Record<string, Float32Array>> {
    const scalars = Object.entries(this.groupScalars).map(([name, values]) =>
      [scalarName(name), values] as const
    );
    return { [STEPS]: this.counts, ...Object.fromEntries(scalars) };
  }

  [Symbol.dispose](): void {
    const { weights, gradients, accumulated, blocks, scalars } = this;
    const owned = [weights, gradients, accumulated, blocks, scalars, this.#statistics];
    for (const buffer of [...owned, ...this.slots, ...this.averages.values()]) buffer.destroy();
  }
}

function layout(parameters: readonly { name: string; shape: readonly number[] }[]) {
  let bytes = 0;
  const places = parameters.map(({ name, shape }) => {
    const size = 4 * shape.reduce((product, length) => product * length, 1);
    const place = { name, shape, offset: bytes, size };
    bytes += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return place;
  });
  return { places, bytes };
}

function slice(places: ReadonlyMap<string, Place>, name: string): Slice {
  const place = places.get(name);
  if (!place) throw new RangeError(`No variable ${JSON.stringify(name)} on the GPU`);
  return { buffer: place.buffer, offset: place.offset, size: place.size };
}
