import type { Layer } from "./layers/catalog.ts";

export type { ConvLayer } from "./layers/convolution.ts";
export type { Layer };

/**
 * A network as plain data, interpreted by every device and by the float64 reference. Activations are
 * `[batch, height, width, channels]`.
 */
export interface Model {
  readonly name: string;
  /** `[height, width, channels]` of one image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
}
