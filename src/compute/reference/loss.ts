import { CROSS_ENTROPY, type LabelLossSpec, lossFactors } from "#train/loss.ts";
import { focus } from "#train/losses/focal.ts";

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
  spec: LabelLossSpec = CROSS_ENTROPY,
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
