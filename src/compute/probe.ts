import type { Backend } from "./device.ts";

/** Facts of a device before it is opened. Plain data. */
export interface Probe {
  readonly backend: Backend;
  readonly usable: boolean;
  /** `NVIDIA H100`, `llvmpipe (software)` …; what the backend is where nothing better is known. */
  readonly name: string;
  /** Why it is not usable, or what `auto` holds against it; empty where nothing speaks against it. */
  readonly reason: string;
  /** True where `auto` may take it. */
  readonly automatic: boolean;
}
