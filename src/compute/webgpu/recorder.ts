import type { Dispatch, Slice } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import type { Kernel } from "./kernel.ts";
import type { Replicas } from "./replicas.ts";

/** A list of dispatches in the making, with the buffers that belong to it. */
export class Recorder {
  readonly gpu: Gpu;
  readonly dispatches: Dispatch[] = [];
  readonly buffers: GPUBuffer[] = [];
  readonly #replicas: Replicas;

  constructor(replicas: Replicas) {
    this.gpu = replicas.gpu;
    this.#replicas = replicas;
  }

  /** A buffer of 32-bit values, zero at first, for each replica. */
  buffer(label: string, values: number): GPUBuffer {
    const buffer = this.#replicas.buffer(label, 4 * values);
    this.buffers.push(buffer);
    return buffer;
  }

  /** A table that all replicas read. */
  table(label: string, values: readonly number[]): GPUBuffer {
    const buffer = this.gpu.createBuffer(label, 4 * values.length);
    this.buffers.push(buffer);
    this.gpu.queue.write(buffer, 0, Uint32Array.from(values));
    return buffer;
  }

  run(kernel: Kernel, ...buffers: (GPUBuffer | Slice)[]): void {
    this.dispatches.push(this.#replicas.prepare(kernel, buffers));
  }
}
