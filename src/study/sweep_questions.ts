import { metricEntry, unitOf } from "#results/metrics.ts";
import { axisLabel, specAxes } from "#spec/sweep/axes.ts";
import { type CellChoice, checkChoice, choiceText, chooseCells, valueText } from "#spec/sweep/choice.ts";
import { pairedDifference } from "#stats/paired.ts";
import { type Expectation, verdictOf } from "#stats/verdict.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { Asked, Question } from "./exercise.ts";
import { differenceText } from "./questions.ts";

interface Contrast {
  /** The cells in question, by value: `{ power: 2 }`. */
  readonly cells: CellChoice;
  readonly against: CellChoice;
  readonly expect: Expectation;
}

/**
 * Asks whether a value of the sweep matters: the chosen cells minus those they are held against, averaged over the other
 * axes within each seed. Both choices are fixed before the runs, so nothing is selected.
 */
export function contrasting(asked: Asked, { cells, against, expect }: Contrast): Question {
  const { unit, scale } = unitOf("validation_accuracy");
  return {
    ...asked,
    unit,
    check: (spec) => [cells, against].forEach((choice) => checkChoice(specAxes(spec), choice)),
    answer: (evidence) => {
      const measured = pairedDifference(meansBySeed(evidence, cells), meansBySeed(evidence, against), {
        resolution: evidence.resolution("validation_accuracy"),
        largest: metricEntry("validation_accuracy")!.largest,
      });
      return {
        verdict: verdictOf(measured, expect, { unit, scale }),
        text: `validation accuracy with ${contrastText(evidence, cells, against)}: ${
          differenceText(measured, unit, scale)
        }.`,
      };
    },
  };
}

/** Mean over the chosen cells, for each seed that has them all. */
function meansBySeed({ spec, sweepCells }: Evidence, choice: CellChoice): Map<number, number> {
  const cells = chooseCells(specAxes(spec), sweepCells, choice);
  const seeds = new Set(cells.flatMap(({ accuracies }) => [...accuracies.keys()]));
  const means = new Map<number, number>();
  for (const seed of seeds) {
    const values = cells.flatMap(({ accuracies }) => accuracies.get(seed) ?? []);
    if (values.length === cells.length) {
      means.set(seed, values.reduce((sum, value) => sum + value, 0) / values.length);
    }
  }
  return means;
}

/** `power 2 minus 0.5`, or `gamma 0.5 minus 0.1, averaged over milestones`. */
function contrastText({ spec }: Evidence, cells: CellChoice, against: CellChoice): string {
  const [name, ...more] = Object.keys(cells);
  const isOneAxis = more.length === 0 && Object.keys(against).join() === name;
  const other = isOneAxis ? valueText(against[name!]) : choiceText(against);
  const axes = specAxes(spec);
  const averaged = axes.filter(({ path }) =>
    ![cells, against].some((choice) => path in choice || axisLabel(path, axes) in choice)
  ).map(({ path }) => axisLabel(path, axes));
  return `${choiceText(cells)} minus ${other}` +
    (averaged.length === 0 ? "" : `, averaged over ${averaged.join(" and ")}`);
}
