import type { Device, DeviceInfo, LearnerOptions } from "../device.ts";
import type { AdapterFacts } from "./adapter.ts";
import { Gpu } from "./gpu.ts";
import { WebgpuLearner } from "./learner.ts";
import { ReplicaGroups } from "./replica_groups.ts";
import { Sources } from "./sources.ts";

/** Note on a driver that ends long loops early. Measured: Mesa 22.3 does, 25.0 does not. */
export const LOOPS_END_EARLY =
  "this driver ends loops after 65,535 passes, silently; every kernel of the lab stays below, a newer driver is better (Mesa 25)";

/**
 * The GPU through WebGPU, by kernels of our own.
 *
 * @param runs learners that there are at once; those of one shape share their dispatches.
 * @throws {WebgpuUnavailable} where there is no adapter.
 */
export async function openWebgpuDevice({ runs = 1 }: { readonly runs?: number } = {}): Promise<Device> {
  const gpu = await Gpu.open();
  // Runs in turn train on the same data, which is uploaded once.
  const groups = new ReplicaGroups(gpu, new Sources(gpu), runs);
  return {
    info: infoOf(gpu),
    createLearner: (options: LearnerOptions) => groups.createLearner(options),
    [Symbol.dispose]: () => gpu[Symbol.dispose](),
  };
}

/** A learner on a device of its own, with times of its kernels, which only this device measures. */
export async function openWebgpuLearner(options: LearnerOptions) {
  const gpu = await Gpu.open();
  return {
    info: infoOf(gpu),
    learner: await WebgpuLearner.open(gpu, options),
    [Symbol.dispose]: () => gpu[Symbol.dispose](),
  };
}

/** A device in words. */
export function infoOf(gpu: Gpu): DeviceInfo {
  const { name, software } = gpu.facts;
  const notes = ["the lab's own kernels", ...(gpu.loopsEndEarly ? [LOOPS_END_EARLY] : [])];
  return {
    backend: "webgpu",
    name: software ? `${name}, software` : name,
    detail: notes.join("; "),
    why: "",
  };
}

/** The adapter, and whether its driver ends long loops: found by running one. */
export async function inspectWebgpu(): Promise<AdapterFacts & { readonly loopsEndEarly: boolean }> {
  using gpu = await Gpu.open();
  return { ...gpu.facts, loopsEndEarly: gpu.loopsEndEarly };
}
