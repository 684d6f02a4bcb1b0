import type { Device } from "../device.ts";
import type { Build } from "./build.ts";
import { bestBuild } from "./kernels.ts";
import { WasmLearner } from "./learner.ts";

export interface WasmDeviceOptions {
  /** Which build of the kernels runs; what the machine supports where it is absent. */
  readonly build?: Build;
}

const NAMES: Readonly<Record<Build, string>> = { relaxed: "WASM, relaxed SIMD", plain: "WASM, SIMD" };

/** The CPU through WASM kernels of the lab's own, without TensorFlow.js. */
export function openWasmDevice({ build = bestBuild() }: WasmDeviceOptions = {}): Promise<Device> {
  return Promise.resolve({
    info: {
      backend: "wasm",
      name: NAMES[build],
      detail: "the lab's own kernels, one thread, static step",
      why: "",
    },
    createLearner: (options) => Promise.resolve(new WasmLearner(options, build)),
    [Symbol.dispose]: () => {},
  });
}
