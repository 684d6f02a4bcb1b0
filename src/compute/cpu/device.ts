import type { Device, LearnerOptions } from "../device.ts";
import { CpuLearner } from "./learner.ts";

/** Plain JavaScript loops in 64 bits: needs nothing of the machine, and is what the other devices are held to. */
export function openCpuDevice(why = ""): Promise<Device> {
  return Promise.resolve({
    info: { backend: "cpu", name: "JavaScript", detail: "plain loops in 64 bits, the reference", why },
    // deno-lint-ignore require-await -- a state that does not fit rejects
    createLearner: async (options: LearnerOptions) => new CpuLearner(options),
    [Symbol.dispose]: () => {},
  });
}
