import {
  addBias,
  channelSums,
  type ConvolutionShape,
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
} from "../reference/convolution.ts";
import type { ReferencePass, ReferenceStep } from "./entry.ts";

/** Convolution, or a dense layer as one of 1×1 pixels, with variables `name/kernel` and, with `bias`, `name/bias`. */
export function applyLinear(
  { name, bias }: { readonly name: string; readonly bias: boolean },
  input: Float64Array,
  shape: ConvolutionShape,
  pass: ReferencePass,
): ReferenceStep {
  const kernel = pass.read(`${name}/kernel`);
  const output = convolve(input, kernel, shape);
  if (bias) addBias(output, pass.read(`${name}/bias`));
  const backward = (gradient: Float64Array) => {
    pass.gradients[`${name}/kernel`] = convolveKernelGradient(input, gradient, shape);
    if (bias) pass.gradients[`${name}/bias`] = channelSums(gradient, shape.outChannels);
    return convolveInputGradient(gradient, kernel, shape);
  };
  return { output, backward };
}
