import type { DiceSpec } from "../loss.ts";
import type { LossEntry } from "./entry.ts";

/**
 * Soft Dice loss of one image, averaged over its K classes (without the background, unless it is included). With p the
 * probabilities of class c over the pixels, t its mask and s = `smoothing`, in pixels:
 *
 *     L = 1/K Σ_c (1 − (2 Σ p t + s) / (Σ p + Σ t + s))
 *     ∂L/∂p = −1/K (2 t (Σ p + Σ t + s) − (2 Σ p t + s)) / (Σ p + Σ t + s)²
 *
 * A class that the image lacks costs `Σ p / (Σ p + s)`: nothing where it is not predicted either.
 */
export const dice: LossEntry<DiceSpec> = {
  name: "dice",
  description: "one minus the overlap of probabilities and mask, averaged over the classes of each image",
  reference: "Milletari et al., 2016, V-Net; with sizes in place of squared sizes, as MONAI's DiceLoss",
  unit: "share",
  create({ smoothing, include_background: includeBackground }, [height, width, classes]) {
    const pixels = height * width;
    const first = includeBackground ? 0 : 1;
    const counted = classes - first;
    // By class: intersection, Σ p, Σ t, and the slopes of a pixel inside and outside of the mask.
    const [common, predicted, actual, inside, outside] = [0, 1, 2, 3, 4].map(() => new Float64Array(classes));
    return ({ probabilities, labels }, weight, into) => {
      common!.fill(0);
      predicted!.fill(0);
      actual!.fill(0);
      for (let pixel = 0; pixel < pixels; pixel++) {
        const label = labels[pixel]!;
        common![label]! += probabilities[pixel * classes + label]!;
        actual![label]! += 1;
        for (let c = first; c < classes; c++) predicted![c]! += probabilities[pixel * classes + c]!;
      }
      let loss = 0;
      for (let c = first; c < classes; c++) {
        const overlap = 2 * common![c]! + smoothing;
        const sizes = predicted![c]! + actual![c]! + smoothing;
        loss += 1 - overlap / sizes;
        outside![c] = weight * overlap / (sizes * sizes) / counted;
        inside![c] = outside![c]! - weight * 2 / sizes / counted;
      }
      if (into) {
        for (let pixel = 0; pixel < pixels; pixel++) {
          const label = labels[pixel]!;
          for (let c = first; c < classes; c++) {
            into.probabilities[pixel * classes + c]! += c === label ? inside![c]! : outside![c]!;
          }
        }
      }
      return loss / counted;
    };
  },
};
