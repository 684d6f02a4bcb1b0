import * as tf from "@tensorflow/tfjs";
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";
import type { Gpu } from "../webgpu/gpu.ts";
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
  tf.removeBackend("webgpu");
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

/** Ours where it answers, else the one of tfjs. */
function replaceKernels(gpu: Gpu): void {
  for (const [name, own] of Object.entries(OWN_KERNELS)) {
    const original = tf.getKernel(name, "webgpu").kernelFunc as unknown as KernelFunction;
    stock.set(name, original);
    register(name, (args) => own(gpu, args) ?? original(args));
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
