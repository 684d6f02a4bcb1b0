import type { ComponentSpec } from "../loss.ts";

/** The outputs of a network for each pixel of one image, and the right classes. Pixels lie row by row. */
export interface SegmentedImage {
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** `[pixels, classes]` */
  readonly logits: Float32Array | Float64Array;
  /** `[pixels, classes]`: the softmax of the logits. */
  readonly probabilities: Float64Array;
  /** `[pixels]`: ln Σ_c exp z_c. */
  readonly logSums: Float64Array;
  /** `[pixels]`: the class of each; 0 is the background. */
  readonly labels: Uint8Array;
}

/** Gradients of the weighted sum of losses, to which each component adds its own: `[pixels, classes]` each. */
export interface PixelGradients {
  /** For the logits. */
  readonly logits: Float64Array;
  /** For the probabilities; carried on to the logits once, for all components. */
  readonly probabilities: Float64Array;
}

/**
 * The loss of one image.
 *
 * @param weight of the component: its gradient times that is added to `into`.
 * @param into `null` where nobody needs a gradient.
 * @returns the loss without its weight.
 */
export type ImageLoss = (image: SegmentedImage, weight: number, into: PixelGradients | null) => number;

/** A loss of images with masks. `S` is its settings, as a spec has them. */
export interface LossEntry<S extends ComponentSpec = ComponentSpec> {
  readonly name: S["name"];
  /** One line. */
  readonly description: string;
  readonly reference: string;
  /** `nats` for losses that are log-likelihoods; what ends a run as diverged is a bound in nats. */
  readonly unit: "nats" | "share" | "pixels";
  /** The loss with its buffers, which its calls share. */
  create(spec: S, shape: ImageSize): ImageLoss;
}

/** `[height, width, classes]` */
export type ImageSize = readonly [height: number, width: number, classes: number];
