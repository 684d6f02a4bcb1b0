import type { Evaluation } from "./learner.ts";

/**
 * The figure that runs are chosen by, 0 … 1: accuracy, of images with masks mean Dice (0 where no class was found), of text
 * the likelihood of a token, 1 / perplexity (0 where that is not finite).
 */
export function scoreOf(
  { accuracy, segmentation, text }: Pick<Evaluation, "accuracy" | "segmentation" | "text">,
): number {
  if (text) return Number.isFinite(text.perplexity) ? 1 / text.perplexity : 0;
  return segmentation ? segmentation.dice ?? 0 : accuracy;
}
