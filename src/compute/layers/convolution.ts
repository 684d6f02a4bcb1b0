import { convolutionShape } from "../reference/convolution.ts";
import { type ImageShape, type LayerEntry, positive, spatial, vector } from "./entry.ts";
import { applyLinear } from "./linear.ts";

export interface ConvLayer {
  readonly kind: "conv";
  readonly name: string;
  readonly filters: number;
  /** Square kernel, in pixels. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: "same" | "valid";
  /** False before a batch norm, whose offset does the same. */
  readonly bias: boolean;
  /** Standard deviation of the initial kernel; absent is He's. */
  readonly init_std?: number;
}

/**
 * Convolution. "same" pads so that the output has `ceil(in / stride)` rows, the odd pixel of padding below and to the right;
 * "valid" has `floor((in − kernel) / stride) + 1`. Kernels are `[kernelHeight, kernelWidth, inChannels, outChannels]`.
 */
export const convolution: LayerEntry<ConvLayer> = {
  kind: "conv",
  description: "convolution with a square kernel, with or without bias",
  outputShape(layer, input) {
    const [height, width] = spatial(layer, input);
    if (layer.padding === "valid" && layer.kernel > Math.min(height, width)) {
      throw new TypeError(
        `Layer conv has a kernel of ${layer.kernel}, larger than its input [${input}]; padding "same" allows it`,
      );
    }
    const rows = (size: number) =>
      layer.padding === "same"
        ? Math.ceil(size / layer.stride)
        : Math.floor((size - layer.kernel) / layer.stride) + 1;
    return positive(layer, [rows(height), rows(width), layer.filters]);
  },
  looksAhead: ({ kernel }) => kernel > 1,
  parameters({ name, kernel, filters, bias, init_std }, input) {
    const channels = input.at(-1)!;
    const fanIn = kernel * kernel * channels;
    const shape = [kernel, kernel, channels, filters];
    const init = init_std === undefined
      ? { init: "he" } as const
      : { init: "normal", deviation: init_std } as const;
    return [
      { name: `${name}/kernel`, shape, ...init, fanIn, trainable: true },
      ...(bias ? [vector(`${name}/bias`, filters, "zeros", true)] : []),
    ];
  },
  apply: (layer, input, shape, pass) =>
    applyLinear(layer, input, convolutionShape(shape as ImageShape, layer), pass),
};
