import type { Backend } from "#compute/device.ts";

/**
 * Threads of each run by default: cores that runs would leave idle share the batches of a run. They depend on the number
 * of runs alone, never on which are left: sums over threads round differently, and the same experiment gives the same
 * bits.
 *
 * @param widest runs that share the cores.
 */
export function defaultThreads(backend: Backend, widest: number): number {
  return backend === "wasm" ? Math.max(1, Math.floor(navigator.hardwareConcurrency / widest)) : 1;
}

/** Runs at a time by default, where they share nothing: one on a GPU; on the CPU each run takes its threads. */
export function defaultJobs(backend: Backend, runs: number, threads: number): number {
  if (backend === "webgpu") return 1;
  return Math.max(1, Math.min(Math.floor(navigator.hardwareConcurrency / threads), runs));
}
