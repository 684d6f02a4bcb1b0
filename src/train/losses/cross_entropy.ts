import type { CrossEntropySpec } from "../loss.ts";
import type { LossEntry, SegmentedImage } from "./entry.ts";

/** Cross-entropy of each pixel, averaged over the pixels; the formula is that of {@link CrossEntropySpec}. */
export const crossEntropy: LossEntry<CrossEntropySpec> = {
  name: "cross_entropy",
  description: "cross-entropy of each pixel, averaged over the pixels",
  reference: "torch.nn.functional.cross_entropy",
  unit: "nats",
  create: ({ label_smoothing: smoothing }, [height, width, classes]) => (image, weight, into) => {
    const pixels = height * width;
    const spread = smoothing / classes;
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const label = image.labels[pixel]!;
      sum += image.logSums[pixel]! - meanLogit(image, pixel, label, smoothing);
      if (!into) continue;
      for (let c = 0; c < classes; c++) {
        const at = pixel * classes + c;
        const target = (c === label ? 1 - smoothing : 0) + spread;
        into.logits[at]! += weight * (image.probabilities[at]! - target) / pixels;
      }
    }
    return sum / pixels;
  },
};

/** Σ_c t_c z_c. */
function meanLogit(
  { logits, classes }: SegmentedImage,
  pixel: number,
  label: number,
  smoothing: number,
): number {
  const own = logits[pixel * classes + label]!;
  if (smoothing === 0) return own;
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += logits[pixel * classes + c]!;
  return (1 - smoothing) * own + smoothing * sum / classes;
}
