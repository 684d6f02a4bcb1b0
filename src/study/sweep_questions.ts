import { metricEntry, unitOf } from "#results/metrics.ts";
import { axisLabel, specAxes } from "#spec/sweep/axes.ts";
import { type CellChoice, checkChoice, choiceText, chooseCells, valueText } from "#spec/sweep/choice.ts";
import { mean } from "#stats/summary.ts";
import type { Expectation } from "#stats/verdict.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { Happened } from "./experiment/looks.ts";
import { unfailed } from "./experiment/outcomes.ts";
import type { MeasuredCell } from "./experiment/sweep_cells.ts";
import type { Asked, Question } from "./exercise.ts";
import { countsText, judge } from "./judgement.ts";
import { differenceText } from "./difference_text.ts";

interface Contrast {
  /** The cells in question, by value: `{ power: 2 }`. */
  readonly cells: CellChoice;
  readonly against: CellChoice;
  readonly expect: Expectation;
  /** The largest difference that does not matter; the spec's or metric's if not given. */
  readonly margin?: number;
}

/**
 * Asks whether a value of the sweep matters: the chosen cells minus those they are held against, averaged over the other
 * axes within each seed. Both choices are fixed before the runs, so nothing is selected.
 */
export function contrasting(asked: Asked, { cells, against, expect, margin }: Contrast): Question {
  const metric = "validation_accuracy";
  const { unit, scale } = unitOf(metric);
  return {
    ...asked,
    unit,
    metric,
    needs: { arms: [], cells: [cells, against] },
    check: (spec) => [cells, against].forEach((choice) => checkChoice(specAxes(spec), choice)),
    answer: (evidence) => {
      const [own, other] = [cellsOf(evidence, cells), cellsOf(evidence, against)];
      const [failed, otherFailed] = [failuresOf(own), failuresOf(other)];
      const values = unfailed(meansBySeed(own), failed, otherFailed);
      const others = unfailed(meansBySeed(other), otherFailed, failed);
      const measured = evidence.difference(values, others, {
        resolution: evidence.resolution(metric),
        largest: metricEntry(metric)!.largest,
      }, "sweep");
      const failures = evidence.shares(failed, otherFailed, "sweep");
      const allowed = margin ?? evidence.margin(metric);
      return {
        verdict: judge({ measured, failures }, expect, {
          unit,
          scale,
          better: "higher",
          failing: "a cell fails",
          ...(allowed !== undefined && { margin: allowed }),
        }),
        text: `validation accuracy with ${contrastText(evidence, cells, against)}: ${
          differenceText(measured, unit, scale)
        }${failures.arm + failures.against > 0 ? `; ${countsText(failures, "a cell fails")}` : ""}.`,
      };
    },
  };
}

function cellsOf({ spec, sweepCells }: Evidence, choice: CellChoice): MeasuredCell[] {
  return chooseCells(specAxes(spec), sweepCells, choice);
}

/** Mean over cells, for each seed that has them all. */
function meansBySeed(cells: readonly MeasuredCell[]): Map<number, number> {
  const seeds = new Set(cells.flatMap(({ accuracies }) => [...accuracies.keys()]));
  return new Map([...seeds].flatMap((seed): [number, number][] => {
    const values = cells.flatMap(({ accuracies }) => accuracies.get(seed) ?? []);
    return values.length === cells.length ? [[seed, mean(values)]] : [];
  }));
}

/** True for each seed with which a cell's run failed, of the seeds with which all have ended. */
function failuresOf(cells: readonly MeasuredCell[]): Happened {
  const seeds = [...cells[0]?.failures.keys() ?? []];
  return new Map(
    seeds.filter((seed) => cells.every(({ failures }) => failures.has(seed)))
      .map((seed) => [seed, cells.some(({ failures }) => failures.get(seed))]),
  );
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
