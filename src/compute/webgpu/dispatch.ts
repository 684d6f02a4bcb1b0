import type { Kernel } from "./kernel.ts";

/** Part of a buffer, as one binding. */
export interface Slice {
  readonly buffer: GPUBuffer;
  /** Bytes; a multiple of {@link ALIGNMENT}. */
  readonly offset: number;
  readonly size: number;
}

/** A kernel with its buffers, ready to be encoded again and again. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly groups: readonly [number, number];
}

/** Offsets of bindings are multiples of this on every device. */
export const ALIGNMENT = 256;

/** Writes dispatches into a pass, each for so many replicas; a pipeline is set only where it changes. */
export function encode(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], replicas: number): void {
  let current: GPUComputePipeline | null = null;
  for (const { pipeline, bindGroup, groups } of dispatches) {
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(groups[0], groups[1], replicas);
  }
}
