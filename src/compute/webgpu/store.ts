import type { Gradients, HostTensor, LearnerState } from "#train/learner.ts";
import type { LearnerOptions } from "../device.ts";
import { groupsOf } from "../groups.ts";
import { isHiddenKernel, parametersOf } from "../parameters.ts";
import { scalarName, scalarNames, scalarSets } from "../scalars.ts";
import { averageName, checkState, slotName, STEPS } from "../state.ts";
import { entryOf } from "#train/optimizer.ts";
import { ALIGNMENT, type Slice } from "./dispatch.ts";
import { BLOCK } from "./kernels/optimizer.ts";
import type { Replicas } from "./replicas.ts";

interface Place {
  readonly buffer: GPUBuffer;
  readonly shape: readonly number[];
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

/** What all replicas have in common. */
export type StoreOptions = Pick<LearnerOptions, "model" | "optimizer" | "averages">;

/** What the host keeps of a replica. */
export interface HeldState {
  /** Steps that those in no group and each group have had. */
  readonly counts: Float32Array;
  /** The scalars of groups, by name and set by set. */
  readonly groupScalars: Readonly<Record<string, Float32Array>>;
}

/**
 * The variables of each replica of a model on the GPU. All weights lie in one buffer; their gradients, slots and averages
 * in others in the same places, so that one dispatch steps everything. Padding between them is zero and stays zero.
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
  /** By replica. */
  readonly held: readonly HeldState[];
  readonly #replicas: Replicas;
  /** Of each replica's part of a buffer. */
  readonly #bytes = new Map<GPUBuffer, number>();
  readonly #options: StoreOptions;
  readonly #statistics: GPUBuffer;
  /** By name as in a {@link LearnerState}. */
  readonly #places = new Map<string, Place>();
  readonly #gradientPlaces = new Map<string, Place>();

  constructor(replicas: Replicas, options: StoreOptions) {
    const { model, optimizer, averages = [] } = options;
    this.#replicas = replicas;
    this.#options = options;
    const assigned = groupsOf(model, optimizer.groups);
    const trainable = layout(assigned.map(({ parameter }) => parameter));
    const fixed = layout(parametersOf(model).filter((parameter) => !parameter.trainable));
    const { slots } = entryOf(optimizer);
    this.length = trainable.bytes / 4;
    this.weights = this.#buffer("weights", trainable.bytes);
    this.gradients = this.#buffer("gradients", trainable.bytes + ALIGNMENT);
    this.accumulated = this.#buffer("accumulated gradients", trainable.bytes + ALIGNMENT);
    this.slots = slots.map((slot) => this.#buffer(slot, trainable.bytes));
    this.averages = new Map(
      averages.map((name) => [name, this.#buffer(`average ${name}`, trainable.bytes)]),
    );
    this.#statistics = this.#buffer("moving statistics", fixed.bytes);
    this.blocks = replicas.gpu.createBuffer("groups", 4 * this.length / BLOCK);
    this.tensors = trainable.places.map((place, index) => ({
      ...place,
      hidden: isHiddenKernel(model, assigned[index]!.parameter),
    }));
    const names = scalarNames(optimizer);
    const shared = entryOf(optimizer).scalars?.kind === "shared";
    this.scalars = this.#buffer("scalars", shared ? 8 * names.length : 0);
    this.held = Array.from({ length: replicas.count }, () => ({
      counts: new Float32Array(1 + (optimizer.groups?.length ?? 0)),
      groupScalars: Object.fromEntries(
        shared ? [] : names.map((name) => [name, new Float32Array(scalarSets(optimizer))]),
      ),
    }));
    if (shared) {
      names.forEach((name, index) =>
        this.#places.set(scalarName(name), { buffer: this.scalars, shape: [1], offset: 4 * index, size: 4 })
      );
    }

    const groups = trainable.places.flatMap(({ size }, index) =>
      Array.from({ length: Math.ceil(size / ALIGNMENT) }, () => assigned[index]!.group + 1)
    );
    replicas.gpu.queue.write(this.blocks, 0, Uint32Array.from(groups));
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

  /** Sets slots and counts of a replica back to zero. */
  resetOptimizer(replica: number): void {
    for (const buffer of [...this.slots, this.scalars]) this.#clear(buffer, replica);
    const { counts, groupScalars } = this.held[replica]!;
    for (const values of [counts, ...Object.values(groupScalars)]) values.fill(0);
  }

  /** Begins a run in a replica's place, of whose last one nothing is left. */
  begin(replica: number, initial: LearnerState): void {
    for (const buffer of this.#bytes.keys()) this.#clear(buffer, replica);
    this.load(replica, initial);
  }

  load(replica: number, state: LearnerState): void {
    const held = this.#heldTensors(replica);
    for (const [name, { data }] of checkState(this.#options, state)) {
      const kept = held[name];
      if (kept) {
        kept.set(data);
        continue;
      }
      const { buffer, offset } = this.#places.get(name)!;
      this.#replicas.write(buffer, [{ replica, values: Float32Array.from(data) }], offset);
    }
  }

  async save(replica: number): Promise<LearnerState> {
    const state: Record<string, HostTensor> = Object.fromEntries(
      Object.entries(this.#heldTensors(replica)).map(([name, values]) =>
        [name, { shape: [values.length], data: values.slice() }] as const
      ),
    );
    const buffers = [...new Set([...this.#places.values()].map(({ buffer }) => buffer))];
    const contents = new Map(
      await Promise.all(
        buffers.map(async (buffer) =>
          [buffer, await this.#replicas.read(buffer, replica, this.#bytes.get(buffer)!)] as const
        ),
      ),
    );
    for (const [name, { buffer, shape, offset, size }] of this.#places) {
      state[name] = { shape, data: new Float32Array(contents.get(buffer)!, offset, size / 4).slice() };
    }
    return state;
  }

  async readGradients(replica: number): Promise<Gradients> {
    const content = await this.#replicas.read(this.gradients, replica, 4 * this.length);
    return Object.fromEntries(
      [...this.#gradientPlaces].map((
        [name, { offset, size }],
      ) => [name, new Float32Array(content, offset, size / 4)]),
    );
  }

  #clear(buffer: GPUBuffer, replica: number): void {
    const bytes = this.#bytes.get(buffer)!;
    if (bytes > 0) this.#replicas.gpu.queue.clear(buffer, this.#replicas.start(buffer, replica), bytes);
  }

  #buffer(label: string, bytes: number): GPUBuffer {
    const buffer = this.#replicas.buffer(label, bytes);
    this.#bytes.set(buffer, bytes);
    return buffer;
  }

  /** What the host keeps, by name as in a {@link LearnerState}. */
  #heldTensors(replica: number): Readonly<Record<string, Float32Array>> {
    const { counts, groupScalars } = this.held[replica]!;
    const scalars = Object.entries(groupScalars).map(([name, values]) => [scalarName(name), values] as const);
    return { [STEPS]: counts, ...Object.fromEntries(scalars) };
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.blocks, ...this.#bytes.keys()]) buffer.destroy();
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
