import type { HostTensor, LearnerState } from "#train/learner.ts";
import type { SgdSpec } from "#train/optimizer.ts";
import type { Model } from "../model.ts";
import { parametersOf } from "../parameters.ts";
import { checkState, slotName } from "../state.ts";
import { ALIGNMENT, type Slice } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";

interface Place {
  readonly buffer: GPUBuffer;
  readonly shape: readonly number[];
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

/**
 * A model's variables on the GPU. All weights lie in one buffer, their gradients and momentum buffers in two others in
 * the same places, so that one dispatch updates everything. Padding between them is zero and stays zero.
 */
export class Store implements Disposable {
  /** Values in each of the three buffers, padding included. */
  readonly length: number;
  readonly weights: GPUBuffer;
  readonly gradients: GPUBuffer;
  readonly velocities: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #model: Model;
  readonly #optimizer: SgdSpec;
  readonly #statistics: GPUBuffer;
  /** By name as in a {@link LearnerState}. */
  readonly #places = new Map<string, Place>();
  readonly #gradientPlaces = new Map<string, Place>();

  constructor(gpu: Gpu, model: Model, optimizer: SgdSpec) {
    const parameters = parametersOf(model);
    this.#gpu = gpu;
    this.#model = model;
    this.#optimizer = optimizer;
    const trainable = layout(parameters.filter((parameter) => parameter.trainable));
    const fixed = layout(parameters.filter((parameter) => !parameter.trainable));
    this.length = trainable.bytes / 4;
    this.weights = gpu.createBuffer("weights", trainable.bytes);
    this.gradients = gpu.createBuffer("gradients", trainable.bytes);
    this.velocities = gpu.createBuffer("momentum buffers", trainable.bytes);
    this.#statistics = gpu.createBuffer("moving statistics", fixed.bytes);
    for (const { name, ...place } of trainable.places) {
      this.#places.set(name, { buffer: this.weights, ...place });
      this.#places.set(slotName(name), { buffer: this.velocities, ...place });
      this.#gradientPlaces.set(name, { buffer: this.gradients, ...place });
    }
    for (const { name, ...place } of fixed.places) {
      this.#places.set(name, { buffer: this.#statistics, ...place });
    }
  }

  /** A variable, or one's momentum buffer by its slot's name. */
  variable(name: string): Slice {
    return slice(this.#places, name);
  }

  gradient(name: string): Slice {
    return slice(this.#gradientPlaces, name);
  }

  load(state: LearnerState): void {
    for (const [name, { data }] of checkState({ model: this.#model, optimizer: this.#optimizer }, state)) {
      const place = this.#places.get(name);
      // SGD needs no count of updates.
      if (!place) continue;
      const { buffer, offset } = place;
      this.#gpu.device.queue.writeBuffer(buffer, offset, Float32Array.from(data));
    }
  }

  async save(): Promise<LearnerState> {
    const buffers = [this.weights, this.velocities, this.#statistics];
    const contents = await Promise.all(buffers.map((buffer) => this.#gpu.read(buffer)));
    const state: Record<string, HostTensor> = {};
    for (const [name, { buffer, shape, offset, size }] of this.#places) {
      state[name] = {
        shape,
        data: new Float32Array(contents[buffers.indexOf(buffer)]!, offset, size / 4).slice(),
      };
    }
    return state;
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.weights, this.gradients, this.velocities, this.#statistics]) buffer.destroy();
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
