import type { PlainDevice } from "#compute/device.ts";
import { openDevice } from "#compute/devices.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { LONG } from "../support/long.ts";
import type { Requirement } from "../support/requires.ts";
import { sharedWebgpuDevice } from "../support/webgpu_device.ts";

export interface DeviceCase {
  readonly name: string;
  readonly needs: readonly Requirement[];
  /** Whether it is fast enough for batch 64 of 32×32; the others get few small images. */
  readonly full: boolean;
  /** What the device is known to do otherwise, and whose doing it is. */
  readonly hidesNaN?: string;
  open(): Promise<PlainDevice>;
}

const tfjs = async (backend: "cpu" | "wasm" | "webgpu") =>
  await (await import("#compute/tfjs/device.ts")).openTfjsDevice(backend);

/** Every device that the lab can train on, and tfjs on each of its backends as a check that is made of other parts. */
const ALL: readonly DeviceCase[] = [
  { name: "wasm", needs: [], full: true, open: () => openDevice("wasm") },
  { name: "wasm, plain SIMD", needs: [], full: true, open: () => openWasmDevice({ build: "plain" }) },
  { name: "webgpu", needs: ["vulkan"], full: true, open: sharedWebgpuDevice },
  { name: "cpu", needs: [], full: false, open: () => openDevice("cpu") },
  {
    name: "tfjs wasm",
    needs: [],
    full: true,
    hidesNaN: "tfjs's own ReLU in XNNPACK drops NaN on some processors",
    open: () => tfjs("wasm"),
  },
  {
    name: "tfjs webgpu",
    needs: ["vulkan"],
    full: true,
    hidesNaN: "tfjs's own ReLU in WGSL drops NaN",
    open: () => tfjs("webgpu"),
  },
  { name: "tfjs cpu", needs: [], full: false, open: () => tfjs("cpu") },
];

/** Those that are tried: tfjs on one of its backends, and on all of them in long tests. */
export const DEVICES = ALL.filter(({ name }) => LONG || !["tfjs webgpu", "tfjs cpu"].includes(name));
