import { dropoutKey, dropoutsOf } from "../dropout.ts";
import type { LearnerOptions } from "../device.ts";
import type { Gpu } from "./gpu.ts";
import { NOISE_HEAD } from "./kernels/dropout.ts";

/** What the masks of dropout are made by: `[step, first image, key of each layer with dropout]`, written part by part. */
export class NoiseInput implements Disposable {
  readonly buffer: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #keys: readonly number[];

  constructor(gpu: Gpu, { model, noiseSeed = 0 }: LearnerOptions) {
    this.#gpu = gpu;
    this.#keys = dropoutsOf(model.layers).map(({ name }) => dropoutKey(noiseSeed, name));
    this.buffer = gpu.createBuffer("noise", 4 * (NOISE_HEAD + this.#keys.length));
  }

  /** `first`: the place in the step's batch of the part's first image. */
  send(step: number, first: number): void {
    this.#gpu.queue.write(this.buffer, 0, Uint32Array.of(step, first, ...this.#keys));
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }
}
