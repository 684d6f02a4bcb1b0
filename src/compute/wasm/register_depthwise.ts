import * as tf from "@tensorflow/tfjs-core";
import type { Shape4, TfjsMemory } from "./tfjs_memory.ts";

interface DepthwiseAttributes {
  readonly strides: number | [number, number];
  readonly dilations: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape?: Shape4;
  readonly inputShape?: Shape4;
}

/** Adds the gradients of depthwise convolutions, which tfjs's wasm backend lacks too. */
export function registerDepthwiseGradients(memory: TfjsMemory): void {
  register("DepthwiseConv2dNativeBackpropFilter", ({ x, dy }, attrs) => {
    const result = memory.output(attrs.filterShape!);
    memory.kernels.zero(memory.at(result), tf.util.sizeFromShape(attrs.filterShape!) * 4);
    const places = [x!, dy!, result].map((tensor) => memory.at(tensor));
    memory.kernels.depthwiseFilterGradient(
      ...places,
      ...sizesOf(x!.shape as Shape4, attrs.filterShape!, attrs),
    );
    return result;
  });
  register("DepthwiseConv2dNativeBackpropInput", ({ dy, filter }, attrs) => {
    const result = memory.output(attrs.inputShape!);
    memory.kernels.zero(memory.at(result), tf.util.sizeFromShape(attrs.inputShape!) * 4);
    const places = [dy!, filter!, result].map((tensor) => memory.at(tensor));
    memory.kernels.depthwiseInputGradient(
      ...places,
      ...sizesOf(attrs.inputShape!, filter!.shape as Shape4, attrs),
    );
    return result;
  });
}

function register(
  kernelName: string,
  kernel: (inputs: Readonly<Record<string, tf.TensorInfo>>, attrs: DepthwiseAttributes) => tf.TensorInfo,
): void {
  if (tf.getKernel(kernelName, "wasm")) return;
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) =>
      kernel(inputs as Record<string, tf.TensorInfo>, attrs as unknown as DepthwiseAttributes),
  });
}

/** Arguments of both kernels behind their addresses. */
function sizesOf(input: Shape4, filter: Shape4, attrs: DepthwiseAttributes): number[] {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels, filter[3]],
    ...[info.outHeight, info.outWidth, info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
    ...[info.dilationHeight, info.dilationWidth],
  ];
}
