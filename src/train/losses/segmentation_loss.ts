import { componentsOf, type LossSpec } from "../loss.ts";
import { lossEntry } from "./catalog.ts";
import type { ImageSize, SegmentedImage } from "./entry.ts";
import { softmax, softmaxGradient } from "./softmax.ts";

/** Logits of some images and what is right, `[images, pixels, classes]` and `[images, pixels]`. */
export interface SegmentedBatch {
  readonly images: number;
  readonly logits: Float32Array | Float64Array;
  readonly labels: Uint8Array;
}

/** A weighted sum of losses over images with masks. */
export interface SegmentationLoss {
  /** Components, in the order of weights and sums. */
  readonly names: readonly string[];
  /** Of each component, where a step does not say others. */
  readonly weights: readonly number[];
  /**
   * Adds each component's loss, summed over the images and without its weight, to `sums`. A component whose weight is 0 is
   * not computed.
   *
   * @param weights of the components, as the step says.
   * @param gradient `[images, pixels, classes]`: set to `scale` times the gradient of the weighted sum, for the logits;
   * `null` for none.
   */
  add(
    batch: SegmentedBatch,
    weights: readonly number[],
    sums: Float64Array,
    to: { readonly gradient: Float32Array | Float64Array; readonly scale: number } | null,
  ): void;
}

/**
 * A loss of images with masks. It is computed in 64 bits, image by image, so that any share of a batch may be anywhere;
 * its calls share buffers of one image.
 *
 * @throws {TypeError} for images of less than two classes.
 */
export function createSegmentationLoss(loss: LossSpec, shape: ImageSize): SegmentationLoss {
  const [height, width, classes] = shape;
  if (classes < 2) throw new TypeError(`Cannot tell ${classes} class apart: masks need at least two classes`);
  const components = componentsOf(loss);
  const losses = components.map((component) => lossEntry(component).create(component, shape));
  const pixels = height * width;
  const size = pixels * classes;
  const [probabilities, byLogit, byProbability] = [0, 1, 2].map(() => new Float64Array(size));
  const logSums = new Float64Array(pixels);
  const gradients = { logits: byLogit!, probabilities: byProbability! };
  return {
    names: components.map(({ name }) => name),
    weights: components.map(({ weight }) => weight),
    add({ images, logits, labels }, weights, sums, to) {
      for (let index = 0; index < images; index++) {
        const image: SegmentedImage = {
          height,
          width,
          classes,
          logits: logits.subarray(index * size, (index + 1) * size),
          probabilities: probabilities!,
          logSums,
          labels: labels.subarray(index * pixels, (index + 1) * pixels),
        };
        softmax(image.logits, classes, probabilities!, logSums);
        byLogit!.fill(0);
        byProbability!.fill(0);
        losses.forEach((lossOf, component) => {
          const weight = weights[component]!;
          if (weight !== 0) sums[component]! += lossOf(image, weight, to && gradients);
        });
        if (to) {
          const into = to.gradient.subarray(index * size, (index + 1) * size);
          softmaxGradient(probabilities!, gradients, classes, to.scale, into);
        }
      }
    },
  };
}

/** The weighted sum of a step's components: `Σ_k weight_k · sums_k / images`. */
export function weightedSum(sums: ArrayLike<number>, weights: readonly number[], images: number): number {
  return weights.reduce((total, weight, index) => weight === 0 ? total : total + weight * sums[index]!, 0) /
    images;
}
