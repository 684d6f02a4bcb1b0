/**
 * A network as plain data, interpreted by every device and by the float64 reference. Activations are
 * `[batch, height, width, channels]`; kernels are `[kernelHeight, kernelWidth, inChannels, outChannels]`.
 */
export interface Model {
  readonly name: string;
  /** `[height, width, channels]` of one image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
}

export type Layer =
  | ConvLayer
  | { readonly kind: "batch_norm"; readonly name: string }
  | { readonly kind: "relu" }
  /** Drops each unit with this probability while training; see `dropout.ts`. */
  | { readonly kind: "dropout"; readonly name: string; readonly rate: number }
  /** Square window, stride equal to the window, no padding; odd rests are dropped. */
  | { readonly kind: "max_pool"; readonly size: number }
  | { readonly kind: "global_average_pool" }
  | { readonly kind: "dense"; readonly name: string; readonly units: number }
  | ResidualLayer;

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
}

/** main(x) + shortcut(x) (He et al., 2015); both come out in one shape. */
export interface ResidualLayer {
  readonly kind: "residual";
  readonly name: string;
  readonly main: readonly Layer[];
  /** Empty: x itself. */
  readonly shortcut: readonly Layer[];
}

/** Share of the old moving mean and variance that a batch-norm layer keeps per step. */
export const BATCH_NORM_DECAY = 0.9;
/** Added to the variance under the root, as in PyTorch. */
export const BATCH_NORM_EPSILON = 1e-5;
