import type { FocalSpec } from "../loss.ts";
import type { LossEntry } from "./entry.ts";

/** Focal loss of each pixel, averaged over the pixels; the formula is that of {@link FocalSpec}. */
export const focal: LossEntry<FocalSpec> = {
  name: "focal",
  description:
    "focal loss of each pixel, averaged over the pixels: pixels that are right already count little",
  reference: "Lin et al., 2017, Focal loss for dense object detection, equation 4",
  unit: "nats",
  create: ({ gamma }, [height, width, classes]) => (image, weight, into) => {
    const { logits, probabilities, logSums, labels } = image;
    const pixels = height * width;
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const first = pixel * classes;
      const label = labels[pixel]!;
      let rest = 0;
      for (let c = 0; c < classes; c++) if (c !== label) rest += probabilities[first + c]!;
      const entropy = logSums[pixel]! - logits[first + label]!;
      const { value, slope } = focus(entropy, probabilities[first + label]!, rest, gamma);
      sum += value;
      if (!into) continue;
      for (let c = 0; c < classes; c++) {
        const error = probabilities[first + c]! - (c === label ? 1 : 0);
        into.logits[first + c]! += weight * error * slope / pixels;
      }
    }
    return sum / pixels;
  },
};

/**
 * Focal loss from −ln p: `(1 − p)^γ · −ln p`, and its slope as a multiple of cross-entropy's; a γ of 0 is cross-entropy.
 *
 * @param rest 1 − p as a sum of its own, which keeps its digits where p is nearly 1.
 */
export function focus(
  entropy: number,
  p: number,
  rest: number,
  gamma: number,
): { value: number; slope: number } {
  if (gamma === 0) return { value: entropy, slope: 1 };
  if (rest === 0) return { value: 0, slope: 0 };
  const weight = rest ** gamma;
  return { value: weight * entropy, slope: weight * (1 + gamma * p * entropy / rest) };
}
