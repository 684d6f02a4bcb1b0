import { labelsPerImage } from "#train/batches.ts";
import type { TrainingData } from "#train/data.ts";
import type { Evaluation } from "#train/learner.ts";
import { textScores } from "#train/text_scores.ts";

/**
 * The evaluation of `count` images, each with one label, or windows of text, each with one for every token.
 *
 * @param sums of cross-entropy (nats) and of right predictions over all labels.
 */
export function labelEvaluation(
  data: Pick<TrainingData, "shape" | "labelUnit" | "text">,
  sums: { readonly loss: number; readonly hits: number },
  count: number,
): Evaluation {
  const labels = count * labelsPerImage(data);
  const loss = sums.loss / labels;
  return {
    loss,
    accuracy: sums.hits / labels,
    count,
    ...(data.text && { text: textScores(loss, data.text) }),
  };
}
