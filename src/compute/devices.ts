import { assertNever } from "#lib/assert_never.ts";
import type { Backend, BackendChoice, Device } from "./device.ts";
import type { Probe } from "./probe.ts";
import type { RunSize } from "./webgpu/runs_at_once.ts";

export type { Probe };

/** Every device of this machine, best first. Loads no tfjs. */
export async function probeDevices(): Promise<Probe[]> {
  return [await probeGpu(), await probeWasm(), CPU];
}

/** The backend of a choice on this machine, and why no better one is taken (empty where it was asked for). */
export async function chooseBackend(choice: BackendChoice): Promise<{ backend: Backend; why: string }> {
  if (choice !== "auto") return { backend: choice, why: "" };
  const gpu = await probeGpu();
  if (gpu.automatic) return { backend: "webgpu", why: "" };
  return { backend: "wasm", why: gpu.usable ? `WebGPU offers ${gpu.name}, ${gpu.reason}` : gpu.reason };
}

/**
 * Opens a device. `auto` takes a hardware GPU through WebGPU, else WASM; a software adapter only when `webgpu` asks
 * for it. What was asked for is opened or an error is thrown: never another device than `info` says.
 *
 * @throws {Error} where the device cannot be used; the message says why and what to install.
 */
export async function openDevice(choice: BackendChoice): Promise<Device> {
  const { backend, why } = await chooseBackend(choice);
  return await openBackend(backend, why);
}

const CPU: Probe = {
  backend: "cpu",
  usable: true,
  name: "JavaScript",
  reason: "plain loops in 64 bits, a check on the others, tens of times slower than WASM",
  automatic: false,
};

async function probeGpu(): Promise<Probe> {
  const { probeAdapter } = await import("./webgpu/adapter.ts");
  return await probeAdapter();
}

async function probeWasm(): Promise<Probe> {
  const { bestBuild } = await import("./wasm/kernels.ts");
  const name = `WebAssembly, ${bestBuild() === "relaxed" ? "relaxed SIMD" : "SIMD"}`;
  return { backend: "wasm", usable: true, name, reason: "", automatic: true };
}

/** Runs at a time by default on this machine's GPU, by the sizes of all that will run. */
export async function gpuRunsAtOnce(runs: readonly RunSize[]): Promise<number> {
  const { factsOf, requestAdapter } = await import("./webgpu/adapter.ts");
  const { runsAtOnce } = await import("./webgpu/runs_at_once.ts");
  return runsAtOnce(factsOf(await requestAdapter()), runs);
}

/**
 * Opens a backend that was chosen before; `why` goes into its info. Only wasm shares a batch over `threads`; only webgpu
 * trains several `runs` at once, whose learners share their dispatches.
 */
export async function openBackend(
  backend: Backend,
  why: string,
  { threads = 1, runs = 1 }: { readonly threads?: number; readonly runs?: number } = {},
): Promise<Device> {
  switch (backend) {
    case "webgpu":
      return await (await import("./webgpu/device.ts")).openWebgpuDevice({ runs });
    case "wasm": {
      const device = await (await import("./wasm/device.ts")).openWasmDevice({ threads });
      return { ...device, info: { ...device.info, why } };
    }
    case "cpu":
      return await (await import("./cpu/device.ts")).openCpuDevice(why);
    default:
      return assertNever(backend);
  }
}

/**
 * Loads a backend's driver into this process and keeps it until the end of the process: to be awaited before workers are
 * spawned that open the backend. Else the driver goes with the last worker, while its threads and exit handlers are still
 * at work, and about one process in a hundred crashes after all was done (wgpu 5084 is the same fault).
 */
export async function holdDriver(backend: Backend): Promise<void> {
  if (backend === "webgpu") await (await import("./webgpu/adapter.ts")).holdInstance();
}
