import { runKey } from "#spec/plan.ts";
import { specAxes } from "#spec/sweep/axes.ts";
import type { Cell, PlannedCell } from "#spec/sweep/cells.ts";
import type { Spec } from "#spec/schema.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { isFinished, type RunRecord } from "#results/run.ts";
import { SCORE_METRICS, scoreName } from "#results/score.ts";
import { failed } from "./diagnostics.ts";
import type { SweepSummary } from "#results/summary.ts";
import { accuracyOf, bestOf, cellOutcomes, commonSeeds, regionOutcome, sweptAxes } from "../sweep/cells.ts";

/** A cell of the sweep with the final validation accuracy of each seed that has one. */
export interface MeasuredCell extends Cell {
  readonly accuracies: ReadonlyMap<number, number>;
  /** True for each seed whose run failed, false for others that have ended. */
  readonly failures: ReadonlyMap<number, boolean>;
}

/** The sweep of an experiment as it was planned, and the records of its runs. */
export interface SweepRuns {
  readonly cells: readonly PlannedCell[];
  readonly sweep: readonly RunRecord[];
}

/** Cells of the sweep with their figures. */
export function measuredCells(runs: SweepRuns & { readonly classes: number }): MeasuredCell[] {
  const records = recordsOf(runs);
  return runs.cells.map(({ cell, plans }, index) => ({
    ...cell,
    accuracies: new Map(plans.flatMap(({ seed }): [number, number][] => {
      const accuracy = accuracyOf(records[index]!, seed);
      return accuracy === null ? [] : [[seed, accuracy]];
    })),
    failures: new Map(
      records[index]!.filter(isFinished).map((record) => [record.plan.seed, failed(record, runs.classes)]),
    ),
  }));
}

/**
 * The sweep's part of a summary; `null` where the spec has none.
 *
 * @param resolution the smallest difference in accuracy that validation data can show: one image.
 */
export function sweepOf(
  { spec, ...runs }: SweepRuns & { readonly spec: Spec },
  resolution: number,
): SweepSummary | null {
  const plans = runs.cells;
  if (!spec.sweep || plans.length === 0) return null;
  const axes = specAxes(spec);
  const records = recordsOf(runs);
  const seeds = commonSeeds(plans[0]!.plans.map(({ seed }) => seed), records);
  const trained = { plans, records, seeds };
  const region = regionOutcome(axes, trained, resolution);
  const cells = cellOutcomes(trained, resolution, 1);
  return {
    arm: plans[0]!.plans[0]!.arm,
    metric: SCORE_METRICS[scoreName(runs.sweep)],
    axes: sweptAxes(axes, plans.map(({ cell }) => cell)),
    cells: cells.map((cell) => ({
      ...cell,
      ...figuresOf(cell.runs.flatMap(({ accuracy }) => accuracy ?? [])),
    })),
    best: bestOf(cells, region),
    region,
  };
}

/** A summary has the mean of the runs that have a figure, also where others of the cell diverged. */
function figuresOf(accuracies: readonly number[]): { mean: number | null; sd: number | null } {
  return {
    mean: accuracies.length > 0 ? mean(accuracies) : null,
    sd: accuracies.length > 1 ? sampleSd(accuracies) : null,
  };
}

/** Records of each cell. A cell may share its runs with an arm or another cell. */
function recordsOf({ cells, sweep }: SweepRuns): RunRecord[][] {
  const byKey = new Map(sweep.map((record) => [runKey(record.plan), record]));
  return cells.map(({ plans }) => plans.flatMap((plan) => byKey.get(runKey(plan)) ?? []));
}
