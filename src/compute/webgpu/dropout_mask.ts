import { dropoutsOf } from "../dropout_layers.ts";
import { dropoutKey } from "../dropout_mask.ts";
import type { LearnerOptions } from "../device.ts";
import { MASK_HEAD } from "./kernels/dropout.ts";
import type { Replicas } from "./replicas.ts";

/** The input that dropout masks are computed from: `[step, first image, key of each layer with dropout]`, written part by part. */
export class DropoutMaskInput implements Disposable {
  readonly buffer: GPUBuffer;
  readonly #replicas: Replicas;
  readonly #layers: readonly string[];
  /** By replica. */
  readonly #keys: (readonly number[])[] = [];

  constructor(replicas: Replicas, { model }: Pick<LearnerOptions, "model">) {
    this.#replicas = replicas;
    this.#layers = dropoutsOf(model.layers).map(({ name }) => name);
    this.buffer = replicas.buffer("dropout masks", 4 * (MASK_HEAD + this.#layers.length));
  }

  /** Masks of a replica follow from this seed from now on. */
  begin(replica: number, seed: number): void {
    this.#keys[replica] = this.#layers.map((name) => dropoutKey(seed, name));
  }

  /** `first`: the place in the step's batch of the part's first image. */
  send(steps: readonly { readonly replica: number; readonly step: number }[], first: number): void {
    const values = (replica: number, step: number) => Uint32Array.of(step, first, ...this.#keys[replica]!);
    this.#replicas.write(
      this.buffer,
      steps.map(({ replica, step }) => ({ replica, values: values(replica, step) })),
    );
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }
}
