import type * as tf from "@tensorflow/tfjs";
import type { Gpu } from "../webgpu/gpu.ts";
import type { Kernel } from "../webgpu/kernel.ts";

/** The parts of tfjs's WebGPU backend that recording a kernel needs; private there, so tfjs is pinned to 4.22.0. */
export interface Backend {
  readonly tensorMap: { get(dataId: object): { resource: GPUBuffer } };
  readonly commandQueueOwnedIds: WeakSet<object>;
  commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: "float32"): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Dispatches that tfjs gathers before it submits them. */
const DISPATCHES_PER_SUBMIT = 15;

/** Puts a kernel into the pass that tfjs is recording. */
export function record(gpu: Gpu, backend: Backend, kernel: Kernel, tensors: readonly tf.TensorInfo[]): void {
  // Uploading may end the pass, so it comes first.
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const dispatch = gpu.prepare(
    kernel,
    tensors.map(({ dataId }) => backend.tensorMap.get(dataId).resource),
  );
  // What preparing a kernel wrote must come before tfjs's own submission.
  gpu.queue.flush();
  backend.ensureCommandEncoderReady();
  backend.computePassEncoder ??= backend.commandEncoder.beginComputePass();
  backend.computePassEncoder.setPipeline(dispatch.pipeline);
  backend.computePassEncoder.setBindGroup(0, dispatch.bindGroup);
  backend.computePassEncoder.dispatchWorkgroups(dispatch.groups[0], dispatch.groups[1]);
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  if (++backend.dispatchCountInPass < DISPATCHES_PER_SUBMIT) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}
