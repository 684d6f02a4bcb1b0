import type { Build } from "./build.ts";
import { hasFusedMultiplyAdd } from "./fused.ts";
import { OPTIMIZER_KERNEL_NAMES, type OptimizerKernelName } from "./optimizer_kernels.ts";

/** A kernel takes addresses and strides in bytes, sizes, and flags as 0 or 1. `kernels/` says which, file by file. */
type Kernel = (...values: number[]) => number;

const NAMES = [
  "activationGradient",
  "addImages",
  "addTo",
  "attention",
  "attentionGradient",
  "batchNormApply",
  "batchNormGradient",
  "batchNormGradientSums",
  "batchNormInverse",
  "batchNormMean",
  "batchNormSums",
  "batchNormVariance",
  "clampValues",
  "convolve",
  "copyImage",
  "depthwiseFilterGradient",
  "depthwiseInputGradient",
  "dropout",
  "embedding",
  "embeddingGradient",
  "fillInput",
  "filterGradient",
  "averagePoolWindows",
  "averagePoolWindowsGradient",
  "globalAveragePool",
  "layerNorm",
  "layerNormGradient",
  "maxPool",
  "maxPoolGradient",
  "maxPoolWindowsGradient",
  "moveTowards",
  "multiplyAdds",
  "packFilter",
  "packFilterTransposed",
  "positionGradient",
  "productGradient",
  "relu",
  "scale",
  "smoothActivation",
  "smoothActivationGradient",
  "softmaxLoss",
  "sumOfSquares",
  "unpackFilterGradient",
  "upsample",
  "upsampleGradient",
  "winograd",
  "winogradFilter",
  "winogradGradient",
  "zero",
] as const;

/** The exports of a kernel module. */
export type Kernels = Readonly<Record<typeof NAMES[number] | OptimizerKernelName, Kernel>>;

/** The build that this machine runs fastest; of two machines with the same one, kernels give the same bits. */
export function bestBuild(): Build {
  return hasFusedMultiplyAdd() ? "relaxed" : "plain";
}

const modules = new Map<Build, WebAssembly.Module>();

/** A build's module. It is compiled once for all runs of a thread, and V8 optimises its functions once too. */
function moduleOf(build: Build): WebAssembly.Module {
  const known = modules.get(build);
  if (known) return known;
  const module = new WebAssembly.Module(
    Deno.readFileSync(new URL(`./kernels_${build}.wasm`, import.meta.url)),
  );
  modules.set(build, module);
  return module;
}

/** The kernels of a build, working on `memory`. */
export function loadKernels(memory: WebAssembly.Memory, build: Build = bestBuild()): Kernels {
  const { exports } = new WebAssembly.Instance(moduleOf(build), { env: { memory } });
  const wanted = [...NAMES, ...OPTIMIZER_KERNEL_NAMES];
  const missing = wanted.filter((name) => typeof exports[name] !== "function");
  if (missing.length > 0) {
    throw new TypeError(`kernels_${build}.wasm lacks ${missing.join(", ")}: run \`deno task build:kernels\``);
  }
  return exports as Kernels;
}
