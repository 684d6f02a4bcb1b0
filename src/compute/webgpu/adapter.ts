import type { Probe } from "../probe.ts";

/** A graphics adapter in words and numbers. Plain data. */
export interface AdapterFacts {
  /** `NVIDIA H100 80GB HBM3`, `llvmpipe (LLVM 15.0.6, 256 bits)` … */
  readonly name: string;
  readonly vendor: string;
  /** `NVIDIA, Vulkan`, `Mesa, Vulkan` …: WebGPU names the driver, and no version. */
  readonly driver: string;
  /** True where the processor plays the GPU. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Whose driver it is: Vulkan's numbers, PCI's and Khronos'. */
const VENDORS: Readonly<Record<number, string>> = {
  0x1002: "AMD",
  0x106b: "Apple",
  0x10de: "NVIDIA",
  0x13b5: "Arm",
  0x5143: "Qualcomm",
  0x8086: "Intel",
  0x10005: "Mesa",
};

/** WebGPU cannot be used; the message says why and what would help. */
export class WebgpuUnavailable extends Error {
  override name = "WebgpuUnavailable";
}

const INSTALL =
  "install your GPU's Vulkan driver (on Debian: mesa-vulkan-drivers and libvulkan1 for software Vulkan)";

/** Limits that are raised to what the adapter offers; the others keep WebGPU's defaults. */
const RAISED = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
] as const;

/**
 * The machine's best adapter, never one through OpenGL.
 *
 * @throws {WebgpuUnavailable} where there is none.
 */
export async function requestAdapter(): Promise<GPUAdapter> {
  if (!("gpu" in navigator)) throw new WebgpuUnavailable("This runtime has no WebGPU; use Deno 2.9 or newer");
  if (Deno.build.os === "linux") {
    forceVulkan();
    quieten();
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new WebgpuUnavailable(`No WebGPU adapter: ${INSTALL}`);
  return adapter;
}

/**
 * Makes this thread's WebGPU instance, which lives and keeps the driver loaded until the thread ends. Where there is no
 * adapter there is no driver to keep, and who opens a device says why.
 */
export async function holdInstance(): Promise<void> {
  try {
    await requestAdapter();
  } catch (error) {
    if (!(error instanceof WebgpuUnavailable)) throw error;
  }
}

/** Facts of an adapter, without opening a device on it. */
export function factsOf(adapter: GPUAdapter): AdapterFacts {
  const { info } = adapter;
  const name = info.description || info.device || info.vendor;
  const limits = Object.fromEntries(RAISED.map((limit) => [limit, adapter.limits[limit]]));
  return {
    name,
    vendor: info.vendor,
    driver: `${VENDORS[Number(info.vendor)] ?? `vendor ${info.vendor}`}, ${
      Deno.build.os === "linux" ? "Vulkan" : "the system's API"
    }`,
    software: info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(name),
    features: [...adapter.features].sort(),
    limits,
  };
}

/** A device with every limit that counts raised to the adapter's own, and timestamps where they are offered. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return await adapter.requestDevice({
    label: "lr-lab",
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
    requiredLimits: { ...factsOf(adapter).limits },
  });
}

/** Facts of WebGPU for `auto` and `doctor`, without opening a device. */
export async function probeAdapter(): Promise<Probe> {
  try {
    const { name, software } = factsOf(await requestAdapter());
    const reason = software
      ? "a software adapter, which is slower than WASM; only --backend webgpu takes it"
      : "";
    return { backend: "webgpu", usable: true, name, reason, automatic: !software };
  } catch (error) {
    if (!(error instanceof WebgpuUnavailable)) throw error;
    return { backend: "webgpu", usable: false, name: "WebGPU", reason: error.message, automatic: false };
  }
}

/**
 * wgpu reads the variable whenever it looks for adapters. Unset, it may take a software adapter through OpenGL, which
 * calls itself by the same name as the one through Vulkan.
 */
function forceVulkan(): void {
  const wanted = Deno.env.get("DENO_WEBGPU_BACKEND");
  if (wanted === undefined) return Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
  if (wanted.toLowerCase() === "vulkan") return;
  throw new WebgpuUnavailable(
    `DENO_WEBGPU_BACKEND is ${JSON.stringify(wanted)}; on Linux only vulkan is used`,
  );
}

/**
 * Mesa looks for a Wayland display and complains on stderr where the variable is not set, as on any server. It stays set:
 * the environment is the whole process's, whose workers look for adapters at the same time.
 */
function quieten(): void {
  if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/nonexistent");
}
