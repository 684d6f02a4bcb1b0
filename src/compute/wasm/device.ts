import type { Device } from "../device.ts";
import type { Build } from "./build.ts";
import { bestBuild } from "./kernels.ts";
import { WasmLearner } from "./learner.ts";

export interface WasmDeviceOptions {
  /** Build of the kernels; absent: the fastest that the machine supports. */
  readonly build?: Build;
  /** Threads that share each batch of a run; 1 where it is absent. Several runs go faster one a thread. */
  readonly threads?: number;
}

const NAMES: Readonly<Record<Build, string>> = { relaxed: "WASM, relaxed SIMD", plain: "WASM, SIMD" };

/**
 * V8 flags that make the kernels faster: no check of a load's or store's bounds, and vectors of eight lanes. They
 * hold for all WASM of the process, so that a fault in any module could then overwrite its process's memory instead
 * of ending in an error: opt-in, by `DENO_V8_FLAGS`, and named in the record.
 */
export const TURBO_FLAGS = ["--no-wasm-bounds-checks", "--experimental-wasm-revectorize"] as const;

/** True where this process was started with {@link TURBO_FLAGS}; false where it may not read its environment. */
export function isTurbo(): boolean {
  try {
    const flags = Deno.env.get("DENO_V8_FLAGS")?.split(",") ?? [];
    return TURBO_FLAGS.every((flag) => flags.includes(flag));
  } catch {
    return false;
  }
}

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
      detail: `the lab's own kernels, static step, ${shared}${isTurbo() ? ", turbo: memory unchecked" : ""}`,
      why: "",
    },
    createLearner: (options) => WasmLearner.create(options, build, threads),
    [Symbol.dispose]: () => {},
  });
}
