import type { Device, LearnerOptions } from "../device.ts";
import { Gpu } from "./gpu.ts";
import { WebgpuLearner } from "./learner.ts";

/**
 * The GPU through WebGPU, by kernels of our own.
 *
 * @throws {WebgpuUnavailable} where there is no adapter.
 */
export async function openWebgpuDevice(): Promise<Device> {
  const gpu = await Gpu.open();
  const { name, software, limits } = gpu.facts;
  const notes = [
    software ? "software Vulkan" : "Vulkan, Metal or D3D12",
    `${(limits.maxStorageBufferBindingSize! / 2 ** 20).toFixed(0)} MiB a binding`,
    ...(gpu.loopsEndEarly ? ["this driver ends loops at 65,535 passes; every kernel here stays below"] : []),
  ];
  return {
    info: {
      backend: "webgpu",
      name: software ? `${name} (software)` : name,
      detail: notes.join(", "),
      why: "",
    },
    createLearner: (options: LearnerOptions) => Promise.resolve(new WebgpuLearner(gpu, options)),
    [Symbol.dispose]: () => gpu[Symbol.dispose](),
  };
}
