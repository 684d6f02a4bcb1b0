import type { HausdorffSpec } from "../loss.ts";
import { distanceScratch, squaredDistanceField } from "../segmentation/distance_transform.ts";
import type { LossEntry } from "./entry.ts";

/** A class is predicted in the pixels where its probability is above this. */
const THRESHOLD = 0.5;

/**
 * Hausdorff loss by distance transforms (Karimi and Salcudean, 2019, arXiv:1904.10030, equation 8) of one image,
 * averaged over its pixels and its K classes without the background. With p the probabilities of class c, t its mask,
 * d_p and d_t the distances of each pixel, in pixels, to the boundary of the prediction (p > 0.5) and of the mask:
 *
 *     L = 1/(K · pixels) Σ_c Σ (p − t)² (d_p^α + d_t^α)
 *     ∂L/∂p = 2/(K · pixels) (p − t) (d_p^α + d_t^α)
 *
 * Distances are from inside to the nearest pixel outside and the other way round, and are constants of the gradient. A
 * mask or prediction that is empty or full has no boundary: its distances are 0, as in MONAI's HausdorffDTLoss.
 */
export const hausdorff: LossEntry<HausdorffSpec> = {
  name: "hausdorff",
  description: "squared errors weighted by their distance from the boundaries of prediction and mask",
  reference: "Karimi and Salcudean, 2019, Reducing the Hausdorff distance in medical image segmentation",
  unit: "pixels",
  create({ alpha }, [height, width, classes]) {
    const pixels = height * width;
    const size = [height, width] as const;
    const scratch = distanceScratch(height, width);
    const mask = new Uint8Array(pixels);
    const [ofMask, ofPrediction, other] = [0, 1, 2].map(() => new Float64Array(pixels));
    const scale = 1 / ((classes - 1) * pixels);
    return ({ probabilities, labels }, weight, into) => {
      let sum = 0;
      for (let c = 1; c < classes; c++) {
        for (let pixel = 0; pixel < pixels; pixel++) mask[pixel] = labels[pixel] === c ? 1 : 0;
        squaredDistanceField(mask, size, ofMask!, other!, scratch);
        for (let pixel = 0; pixel < pixels; pixel++) {
          mask[pixel] = probabilities[pixel * classes + c]! > THRESHOLD ? 1 : 0;
        }
        squaredDistanceField(mask, size, ofPrediction!, other!, scratch);
        for (let pixel = 0; pixel < pixels; pixel++) {
          const at = pixel * classes + c;
          const error = probabilities[at]! - (labels[pixel] === c ? 1 : 0);
          const distance = power(ofMask![pixel]!, alpha) + power(ofPrediction![pixel]!, alpha);
          sum += error * error * distance;
          if (into) into.probabilities[at]! += weight * 2 * error * distance * scale;
        }
      }
      return sum * scale;
    };
  },
};

/** A distance to the power of α, from its square. */
function power(squared: number, alpha: number): number {
  if (alpha === 2) return squared;
  return alpha === 1 ? Math.sqrt(squared) : squared ** (alpha / 2);
}
