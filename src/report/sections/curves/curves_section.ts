import type { Section } from "../../model.ts";
import type { ArmRuns } from "./arm_lines.ts";
import { learningRateFigure, trainingLossFigure, validationFigure } from "./curve_figures.ts";
import { lossWeightFigures } from "./loss_weights.ts";

/** Curves of every arm over its steps, with `target` as a level; none where nothing ran. */
export function curvesSection(arms: readonly ArmRuns[], target: number | null): Section[] {
  if (arms.every(({ runs }) => runs.length === 0)) return [];
  return [{
    id: "curves",
    title: "Curves",
    brief: false,
    blocks: [
      trainingLossFigure(arms),
      validationFigure(arms, target),
      learningRateFigure(arms),
      ...lossWeightFigures(arms),
    ],
  }];
}
