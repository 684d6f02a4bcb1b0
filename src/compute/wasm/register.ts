/**
 * Registers the lab's kernels on TensorFlow.js's wasm backend, on its own memory, so that any `tf.LayersModel` of
 * common layers trains there. A case that a kernel does not take (dilation, overlapping windows of a pool) goes to
 * tfjs's own kernel; where tfjs has none (the gradient of a convolution's filter) it is refused by name.
 */
import * as tf from "@tensorflow/tfjs-core";
import { planeAt, strides } from "./plane.ts";
import {
  backpropInput,
  convolution,
  type ConvolutionAttributes,
  filterGradient,
} from "./register_convolution.ts";
import { registerDepthwiseGradients } from "./register_depthwise.ts";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  type PoolAttributes,
} from "./register_pool.ts";
import { type KernelArguments, TfjsMemory } from "./tfjs_memory.ts";

const BACKEND = "wasm";
/** A kernel of our own: the gradient of `Relu` in one pass. */
const RELU_GRADIENT = "LabReluGrad";

/**
 * Replaces or adds the kernels, once; `tf.setBackend("wasm")` comes before.
 *
 * @throws {TypeError} where the wasm backend is not the current one, or not that of tfjs 4.22.0.
 */
export function registerWasmKernels(): void {
  if (tf.getBackend() !== BACKEND) {
    throw new TypeError(`Set the wasm backend first: the current one is ${tf.getBackend()}`);
  }
  if (tf.getKernel(RELU_GRADIENT, BACKEND)) return;
  const memory = new TfjsMemory(tf.backend());
  replace("Conv2D", (args: KernelArguments<ConvolutionAttributes>) => convolution(memory, args));
  replace(
    "Conv2DBackpropFilter",
    (args: KernelArguments<ConvolutionAttributes>) => filterGradient(memory, args),
  );
  replace(
    "Conv2DBackpropInput",
    (args: KernelArguments<ConvolutionAttributes>) => backpropInput(memory, args),
  );
  replace("MaxPool", (args: KernelArguments<PoolAttributes>) => maxPool(memory, args));
  replace("MaxPoolGrad", (args: KernelArguments<PoolAttributes>) => maxPoolGradient(memory, args));
  replace("AvgPool", (args: KernelArguments<PoolAttributes>) => averagePool(memory, args));
  replace("AvgPoolGrad", (args: KernelArguments<PoolAttributes>) => averagePoolGradient(memory, args));
  replace("Identity", ({ inputs }: KernelArguments<unknown>) => memory.share(inputs.x!));
  replace(RELU_GRADIENT, ({ inputs }: KernelArguments<unknown>) => reluGradient(memory, inputs));
  registerDepthwiseGradients(memory);
  replaceReluGradient();
}

/** Registers `kernel`; where it answers `null`, what was registered before answers. */
function replace<Attributes>(
  name: string,
  kernel: (args: KernelArguments<Attributes>) => tf.TensorInfo | null,
): void {
  const before = tf.getKernel(name, BACKEND);
  if (before) tf.unregisterKernel(name, BACKEND);
  tf.registerKernel({
    ...before,
    kernelName: name,
    backendName: BACKEND,
    kernelFunc: (args) => {
      const answer = kernel(args as unknown as KernelArguments<Attributes>);
      if (answer) return answer;
      if (before) return before.kernelFunc(args);
      throw new TypeError(
        `${name} on the wasm backend takes data in NHWC, not dilated; got ${JSON.stringify(args.attrs)}`,
      );
    },
  });
}

function reluGradient(memory: TfjsMemory, inputs: Readonly<Record<string, tf.TensorInfo>>): tf.TensorInfo {
  const { dy, x } = inputs as { dy: tf.TensorInfo; x: tf.TensorInfo };
  const result = memory.output(x.shape);
  // To this kernel the tensor is a list: one image of one pixel.
  const shape = [1, 1, tf.util.sizeFromShape(x.shape)] as const;
  const planes = [x, dy, result].map((tensor) => planeAt(memory.at(tensor), shape));
  const places = planes.map(({ at }) => at);
  memory.kernels.activationGradient(...places, 0, 1, ...shape, ...planes.flatMap(strides), 1);
  return result;
}

/** Gradients belong to all backends: the others keep the one they had. */
function replaceReluGradient(): void {
  const before = tf.getGradient("Relu");
  if (!before) return;
  tf.unregisterGradient("Relu");
  tf.registerGradient({
    ...before,
    gradFunc: (dy, saved, attrs) => {
      if (tf.getBackend() !== BACKEND) return before.gradFunc(dy, saved, attrs);
      const inputs = { dy: dy as tf.Tensor, x: saved[0]! };
      return { x: () => tf.engine().runKernel(RELU_GRADIENT, inputs) as tf.Tensor };
    },
  });
}
