import { CROSS_ENTROPY, lossFactors, type LossSpec } from "#train/loss.ts";

/**
 * Mean loss over a batch, its gradient for the logits, and how many first largest logits are the label's, in float64.
 *
 * @param logits `[batch, classes]`
 * @param labels `[batch]`, class numbers.
 */
export function softmaxLoss(
  logits: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  spec: LossSpec = CROSS_ENTROPY,
): { loss: number; correct: number; gradient: Float64Array } {
  const batch = logits.length / classes;
  const { smoothing, gamma } = lossFactors(spec);
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  let correct = 0;
  for (let item = 0; item < batch; item++) {
    const row = logits.subarray(item * classes, (item + 1) * classes);
    const label = labels[item]!;
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const total = powers.reduce((sum, value) => sum + value, 0);
    if (row.indexOf(largest) === label) correct++;

    // The target's share of each class, and how much the image counts.
    const target = (index: number) => (index === label ? 1 - smoothing : 0) + smoothing / classes;
    const meant = smoothing === 0 ? row[label]! : row.reduce((sum, z, index) => sum + target(index) * z, 0);
    const entropy = Math.log(total) + largest - meant;
    const rest = powers.reduce((sum, value, index) => index === label ? sum : sum + value, 0) / total;
    const { value, slope } = focus(entropy, powers[label]! / total, rest, gamma);
    loss += value / batch;
    powers.forEach((power, index) => {
      gradient[item * classes + index] = (power / total - target(index)) * slope / batch;
    });
  }
  return { loss, correct, gradient };
}

/**
 * Focal loss from −ln p: `(1 − p)^γ · −ln p`, and its slope as a multiple of cross-entropy's. `rest` is 1 − p as a sum of
 * its own, which keeps its digits where p is nearly 1.
 */
function focus(entropy: number, p: number, rest: number, gamma: number): { value: number; slope: number } {
  if (gamma === 0) return { value: entropy, slope: 1 };
  if (rest === 0) return { value: 0, slope: 0 };
  const weight = rest ** gamma;
  return { value: weight * entropy, slope: weight * (1 + gamma * p * entropy / rest) };
}
