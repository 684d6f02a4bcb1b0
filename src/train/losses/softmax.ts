import type { PixelGradients } from "./entry.ts";

/**
 * Softmax of each pixel, the largest logit subtracted first.
 *
 * @param logits `[pixels, classes]`
 * @param probabilities `[pixels, classes]`
 * @param logSums `[pixels]`: ln Σ_c exp z_c
 */
export function softmax(
  logits: Float32Array | Float64Array,
  classes: number,
  probabilities: Float64Array,
  logSums: Float64Array,
): void {
  for (let pixel = 0; pixel < logSums.length; pixel++) {
    const first = pixel * classes;
    let largest = logits[first]!;
    for (let c = 1; c < classes; c++) {
      const value = logits[first + c]!;
      // A NaN is passed on: it is never smaller.
      if (!(value <= largest)) largest = value;
    }
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const power = Math.exp(logits[first + c]! - largest);
      probabilities[first + c] = power;
      total += power;
    }
    for (let c = 0; c < classes; c++) probabilities[first + c]! /= total;
    logSums[pixel] = Math.log(total) + largest;
  }
}

/**
 * The gradient for the logits from those for logits and probabilities, times `scale`:
 * `∂L/∂z_c + p_c (∂L/∂p_c − Σ_k p_k ∂L/∂p_k)`.
 */
export function softmaxGradient(
  probabilities: Float64Array,
  gradients: PixelGradients,
  classes: number,
  scale: number,
  into: Float32Array | Float64Array,
): void {
  for (let first = 0; first < probabilities.length; first += classes) {
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += probabilities[first + c]! * gradients.probabilities[first + c]!;
    for (let c = 0; c < classes; c++) {
      const at = first + c;
      const through = probabilities[at]! * (gradients.probabilities[at]! - mean);
      into[at] = scale * (gradients.logits[at]! + through);
    }
  }
}
