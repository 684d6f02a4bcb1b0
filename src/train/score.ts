import type { Evaluation } from "./learner.ts";

/** The figure that runs are chosen by, 0 … 1: accuracy, of images with masks mean Dice (0 where no class was found). */
export function scoreOf({ accuracy, segmentation }: Pick<Evaluation, "accuracy" | "segmentation">): number {
  return segmentation ? segmentation.dice ?? 0 : accuracy;
}
