import type { Figure } from "../../model.ts";
import { type ArmRuns, seedCurves, seedLine } from "../curves/arm_lines.ts";
import { rateLines } from "../curves/curve_figures.ts";
import { validationScore } from "../curves/run_curves.ts";
import { type Levels, scoreLevels, shownScore } from "../curves/shown_score.ts";

/** Id of the figure. */
export const CURVES = "arms-at-a-glance";

/** Each arm's rate above its validation accuracy, of masks Dice, of text perplexity; none where no run is left. */
export function multiplesFigure(arms: readonly ArmRuns[], levels: Levels): Figure[] {
  const shown = arms.filter(({ runs }) => runs.length > 0);
  if (shown.length === 0) return [];
  const rates = rateLines(shown);
  const score = shownScore(shown);
  const { name, axis, of, text } = score;
  const { target, entropy } = levels;
  const scores = shown.map((arm) =>
    seedLine(arm, seedCurves(arm, (run) => validationScore(run, score)), "curve")
  );
  const ends = scores.map(({ label, y }) =>
    y.length === 0 ? `${label}: no run that did not fail` : `${label} ends at ${text(y.at(-1)!)}`
  );
  const anyFailed = scores.some(({ runs = [] }) => runs.some(({ failed }) => failed));
  return [{
    kind: "figure",
    id: CURVES,
    title: `Learning rate and validation ${name} of each arm`,
    width: "full",
    caption: "Mean over seeds, lowest to highest run." +
      (anyFailed ? " Cross: a run that failed." : "") +
      (target === null ? "" : ` Level: the target, ${text(of(target))}.`) +
      (entropy === undefined
        ? ""
        : ` Floor: the perplexity of the text's source, ${text(Math.exp(entropy))}.`),
    alt: `Learning rate above validation ${name} over steps, a panel for each arm. ${ends.join("; ")}.`,
    chart: {
      kind: "multiples",
      x: { title: "step", scale: "linear", decimals: 0 },
      upper: { ...rates.axis, title: "rate" },
      lower: axis,
      panels: shown.map((arm, index) => ({
        label: arm.arm,
        remark: remarkOn(arm),
        upper: rates.lines[index]!,
        lower: scores[index]!,
      })),
      levels: scoreLevels(levels, score),
    },
  }];
}

function remarkOn({ runs, failed }: ArmRuns): string {
  const count = runs.filter(({ plan }) => failed.has(plan.seed)).length;
  return count === 0 ? "" : `${count} of ${runs.length} failed`;
}
