import * as tf from "@tensorflow/tfjs";
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";
import type { Gpu } from "../webgpu/gpu.ts";
import { helpFor } from "../webgpu/self_check.ts";
import { takeBackend } from "./backend.ts";
import { type KernelArguments, OWN_KERNELS } from "./webgpu_kernels.ts";

type KernelFunction = (args: KernelArguments) => tf.TensorInfo;

/**
 * Registers tfjs's WebGPU backend on a device of our own, whose errors are fatal, and takes it. With `own` kernels the
 * convolutions, their gradients and max-pool's are replaced by ours: those of tfjs loop far enough for old software
 * drivers to end them early, which gives wrong gradients without a word.
 */
export async function takeWebgpuBackend(gpu: Gpu, kernels: "own" | "stock"): Promise<void> {
  restoreKernels();
  if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
  const make = () => new webgpu.WebGPUBackend(gpu.device, gpu.adapterInfo as never);
  tf.registerBackend("webgpu", make, 3);
  await takeBackend("webgpu");
  if ((tf.backend() as unknown as { device: GPUDevice }).device !== gpu.device) {
    throw new Error("TensorFlow.js opened a WebGPU device of its own");
  }
  if (kernels === "own") replaceKernels(gpu);
}

/** tfjs's own kernels, while ours stand in for them. */
const stock = new Map<string, KernelFunction>();

/** Those of tfjs whose loops go over all images and all their pixels. */
const LONG_LOOPS: readonly string[] = ["Conv2DBackpropFilter"];

/**
 * Ours where it answers, else the one of tfjs. Where a driver ends long loops early, kernels that have them are an
 * error instead of a wrong gradient.
 */
function replaceKernels(gpu: Gpu): void {
  for (const [name, own] of Object.entries(OWN_KERNELS)) {
    const original = tf.getKernel(name, "webgpu").kernelFunc as unknown as KernelFunction;
    stock.set(name, original);
    register(name, (args) => {
      const answer = own(gpu, args);
      if (answer) return answer;
      if (!gpu.loopsEndEarly || !LONG_LOOPS.includes(name)) return original(args);
      throw new Error(
        `${gpu.facts.name} ends long loops early, so TensorFlow.js's own ${name} would be wrong. ${
          helpFor(gpu)
        }`,
      );
    });
  }
}

function restoreKernels(): void {
  for (const [name, original] of stock) register(name, original);
  stock.clear();
}

function register(name: string, kernel: KernelFunction): void {
  tf.unregisterKernel(name, "webgpu");
  tf.registerKernel({ kernelName: name, backendName: "webgpu", kernelFunc: kernel as never });
}
