import type { Section } from "../../model.ts";
import type { ArmRuns } from "./arm_lines.ts";
import { learningRateFigure, trainingLossFigure, validationFigure } from "./curve_figures.ts";
import type { Levels } from "./shown_score.ts";
import { lossWeightFigures } from "./loss_weights.ts";

/** Curves of every arm over its steps, with target and floor as levels; none where nothing ran. */
export function curvesSection(arms: readonly ArmRuns[], levels: Levels): Section[] {
  if (arms.every(({ runs }) => runs.length === 0)) return [];
  return [{
    id: "curves",
    title: "Curves",
    brief: false,
    blocks: [
      trainingLossFigure(arms, levels),
      validationFigure(arms, levels),
      learningRateFigure(arms),
      ...lossWeightFigures(arms),
    ],
  }];
}
