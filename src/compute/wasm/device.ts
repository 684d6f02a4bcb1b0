import type { Device } from "../device.ts";
import type { Build } from "./build.ts";
import { bestBuild } from "./kernels.ts";
import { WasmLearner } from "./learner.ts";

export interface WasmDeviceOptions {
  /** Which build of the kernels runs; what the machine supports where it is absent. */
  readonly build?: Build;
  /** Threads that share each batch of a run; 1 where it is absent. Several runs go faster one a thread. */
  readonly threads?: number;
}

const NAMES: Readonly<Record<Build, string>> = { relaxed: "WASM, relaxed SIMD", plain: "WASM, SIMD" };

/**
 * The CPU through WASM kernels of the lab's own, without TensorFlow.js.
 *
 * @throws {RangeError} for a number of threads that is not whole and positive.
 */
export function openWasmDevice(
  { build = bestBuild(), threads = 1 }: WasmDeviceOptions = {},
): Promise<Device> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`Cannot open WASM on ${threads} threads: at least 1, and whole`);
  }
  const shared = threads === 1 ? "one thread" : `${threads} threads that share each batch`;
  return Promise.resolve({
    info: {
      backend: "wasm",
      name: NAMES[build],
      detail: `the lab's own kernels, static step, ${shared}`,
      why: "",
    },
    createLearner: (options) => WasmLearner.create(options, build, threads),
    [Symbol.dispose]: () => {},
  });
}
