import type { Dispatch, Slice } from "./dispatch.ts";
import type { Gpu } from "./gpu.ts";
import type { Kernel } from "./kernel.ts";

/** A list of dispatches in the making, with the buffers that belong to it. */
export class Recorder {
  readonly gpu: Gpu;
  readonly dispatches: Dispatch[] = [];
  readonly buffers: GPUBuffer[] = [];

  constructor(gpu: Gpu) {
    this.gpu = gpu;
  }

  /** A buffer of 32-bit values, zero at first. */
  buffer(label: string, values: number): GPUBuffer {
    const buffer = this.gpu.createBuffer(label, 4 * values);
    this.buffers.push(buffer);
    return buffer;
  }

  run(kernel: Kernel, ...buffers: (GPUBuffer | Slice)[]): void {
    this.dispatches.push(this.gpu.prepare(kernel, buffers));
  }
}
