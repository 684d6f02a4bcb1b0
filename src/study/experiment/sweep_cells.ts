import { runKey } from "#spec/plan.ts";
import { axisLabel, specAxes } from "#spec/sweep/axes.ts";
import type { Cell } from "#spec/sweep/cells.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { finalEval } from "#results/final.ts";
import type { SweepSummary } from "#results/summary.ts";
import { sortedValues } from "../sweep/values.ts";
import type { Results } from "./evidence.ts";

/** A cell of the sweep with the final validation accuracy of each seed that has one. */
export interface MeasuredCell extends Cell {
  readonly accuracies: ReadonlyMap<number, number>;
}

/** Cells of the sweep with their figures. A cell may share its runs with an arm or another cell. */
export function measuredCells({ cells, sweep }: Pick<Results, "cells" | "sweep">): MeasuredCell[] {
  const byKey = new Map(sweep.map((record) => [runKey(record.plan), record]));
  return cells.map(({ cell, plans }) => ({
    ...cell,
    accuracies: new Map(plans.flatMap((plan): [number, number][] => {
      const record = byKey.get(runKey(plan));
      const final = record ? finalEval(record, "validation") : null;
      return final ? [[plan.seed, final.accuracy]] : [];
    })),
  }));
}

/** The sweep's part of a summary; `null` where the spec has none. */
export function sweepOf(
  { spec, cells }: Pick<Results, "spec" | "cells">,
  measured: readonly MeasuredCell[],
): SweepSummary | null {
  if (!spec.sweep || cells.length === 0) return null;
  const axes = specAxes(spec);
  const tried = axes.map((_, axis) => sortedValues(cells.map(({ cell }) => cell.values[axis])));
  const texts = tried.map((values) => values.map((value) => JSON.stringify(value)));
  return {
    arm: cells[0]!.plans[0]!.arm,
    metric: "validation_accuracy",
    axes: axes.map(({ path }, axis) => ({ path, label: axisLabel(path, axes), values: tried[axis]! })),
    cells: measured.map(({ values, accuracies }) => {
      const found = [...accuracies.values()];
      return {
        at: values.map((value, axis) => texts[axis]!.indexOf(JSON.stringify(value))),
        mean: found.length ? mean(found) : null,
        spread: found.length > 1 ? sampleSd(found) : null,
        runs: found.length,
      };
    }),
  };
}
