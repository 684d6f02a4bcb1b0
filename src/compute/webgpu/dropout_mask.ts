import { dropoutsOf } from "../dropout_layers.ts";
import { dropoutKey } from "../dropout_mask.ts";
import type { LearnerOptions } from "../device.ts";
import type { Gpu } from "./gpu.ts";
import { MASK_HEAD } from "./kernels/dropout.ts";

/** The input that dropout masks are computed from: `[step, first image, key of each layer with dropout]`, written part by part. */
export class DropoutMaskInput implements Disposable {
  readonly buffer: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #keys: readonly number[];

  constructor(gpu: Gpu, { model, dropoutSeed = 0 }: LearnerOptions) {
    this.#gpu = gpu;
    this.#keys = dropoutsOf(model.layers).map(({ name }) => dropoutKey(dropoutSeed, name));
    this.buffer = gpu.createBuffer("dropout masks", 4 * (MASK_HEAD + this.#keys.length));
  }

  /** `first`: the place in the step's batch of the part's first image. */
  send(step: number, first: number): void {
    this.#gpu.queue.write(this.buffer, 0, Uint32Array.of(step, first, ...this.#keys));
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }
}
