import { steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";
import { alignBySteps, type Curve } from "#stats/curves.ts";
import { capitalized } from "../../format/text.ts";
import type { Figure } from "../../model.ts";
import { componentName } from "../setup/loss_text.ts";
import { type ArmRuns, bandLine } from "./arm_lines.ts";
import { describe, lineChart } from "./curve_figures.ts";

/** The weight of each component of the loss at every step, a figure a component; none where no arm's loss has several. */
export function lossWeightFigures(arms: readonly ArmRuns[]): Figure[] {
  const names = new Set(arms.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(weightsOf(run)))));
  return [...names].map((name) => {
    const having = arms
      .map((arm) => ({ ...arm, runs: arm.runs.filter((run) => name in weightsOf(run)) }))
      .filter(({ runs }) => runs.length > 0);
    const lines = having.map(({ arm, series, runs }) =>
      bandLine(arm, series, alignBySteps(runs.map((run) => weightsOf(run)[name]!)), "curve")
    );
    const title = `Weight of ${componentName(name)} in the loss`;
    return {
      kind: "figure",
      id: `loss-weight-${name.replaceAll("_", "-")}`,
      title,
      width: "full",
      caption: "As each step applied it. Mean over seeds, lowest to highest run.",
      alt: describe(`${capitalized(title)} over steps`, lines, (value) => value.toPrecision(3)),
      chart: lineChart(having, lines, { title: "weight", scale: "linear", decimals: "significant" }),
    };
  });
}

/** Curves of a run's weights, by component. */
function weightsOf(run: RunRecord): Record<string, Curve> {
  const all = steps(run).filter(({ loss_components: components }) => components !== undefined);
  const names = (all[0]?.loss_components ?? []).map(({ name }) => name);
  return Object.fromEntries(names.map((name, index) => [name, {
    steps: all.map(({ step }) => step),
    values: all.map(({ loss_components: components }) => components![index]!.weight),
  }]));
}
