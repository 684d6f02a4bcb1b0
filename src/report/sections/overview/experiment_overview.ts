import type { Summary } from "#results/summary.ts";
import type { Block, Figure, ReportAnswer } from "../../model.ts";
import { differenceFigures, mainMetric } from "../comparisons/difference_figures.ts";
import type { ArmRuns } from "../curves/arm_lines.ts";
import { levelsOf } from "../curves/shown_score.ts";
import { multiplesFigure } from "./multiples_figure.ts";
import { verdictStrip } from "./strip.ts";

/**
 * The first screen of an experiment: every arm's curves, their differences in the main metric, and the verdicts.
 *
 * @param section id of the section with the answers in full.
 */
export function experimentOverview(
  summary: Summary,
  arms: readonly ArmRuns[],
  answers: readonly ReportAnswer[],
  section: string,
): Block[] {
  return [
    ...multiplesFigure(panelsOf(summary, arms), levelsOf(summary)),
    ...mainDifference(summary),
    ...verdictStrip(answers, section),
  ];
}

/** Panels that a first screen has room for. */
const MOST_PANELS = 12;

/** All arms, or where they are many those that are compared: the others are parts of them, and stand among the curves. */
function panelsOf({ arms: summaries }: Summary, arms: readonly ArmRuns[]): readonly ArmRuns[] {
  const parts = new Set(summaries.flatMap(({ name, compared }) => compared === false ? name : []));
  return arms.length > MOST_PANELS ? arms.filter(({ arm }) => !parts.has(arm)) : arms;
}

function mainDifference({ comparisons, arms }: Summary): Figure[] {
  const main = mainMetric(comparisons);
  const shown = { comparisons: comparisons.filter(({ metric }) => metric === main), arms };
  return differenceFigures(shown, arms.map(({ name }) => name));
}
