import type { Device, LearnerOptions } from "../device.ts";
import { CpuLearner } from "./learner.ts";

/** Plain JavaScript loops in 64 bits: needs nothing of the machine, and is what the other devices are held to. */
export function openCpuDevice(why = ""): Promise<Device> {
  return Promise.resolve({
    info: { backend: "cpu", name: "JavaScript", detail: "plain loops in 64 bits, the reference", why },
    createLearner: (options: LearnerOptions) => Promise.resolve(new CpuLearner(options)),
    [Symbol.dispose]: () => {},
  });
}
