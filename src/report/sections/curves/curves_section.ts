import type { Summary } from "#results/summary.ts";
import type { Section } from "../../model.ts";
import type { ArmRuns } from "./arm_lines.ts";
import { learningRateFigure, trainingLossFigure, validationFigure } from "./curve_figures.ts";
import { type Levels, levelsOf } from "./shown_score.ts";
import { lossWeightFigures } from "./loss_weights.ts";

/** Curves of every arm over its steps, with an experiment's target and floor as levels; none where nothing ran. */
export function curvesSection(
  arms: readonly ArmRuns[],
  summary: Pick<Summary, "target" | "dataset"> | null,
): Section[] {
  if (arms.every(({ runs }) => runs.length === 0)) return [];
  const levels: Levels = summary === null ? { target: null } : levelsOf(summary);
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
