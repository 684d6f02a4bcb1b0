import { axisLabel, type SweepAxis } from "#spec/sweep/axes.ts";
import type { Cell, PlannedCell } from "#spec/sweep/cells.ts";
import { type BestRegion, bestRegion, detectableDifference } from "#stats/best_region.ts";
import { type RegionOverLooks, regionOverLooks } from "#stats/region_over_looks.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import { finalEval, scoreOf } from "#results/final.ts";
import { endOf, isFinished, type RunPlan, type RunRecord } from "#results/run.ts";
import type { CellOutcome, RegionOutcome, SweptAxis, SweptCells } from "#results/swept_cells.ts";
import { sortedValues } from "./values.ts";

/** Cells that were trained alike, as far as they were. */
export interface TrainedCells<C extends Cell = Cell> {
  readonly plans: readonly PlannedCell<C>[];
  /** Records of each cell, in the order of `plans`. */
  readonly records: readonly (readonly RunRecord[])[];
  /** The seeds that every cell has been run with so far; of looks, those of the last. */
  readonly seeds: readonly number[];
  /** Cells that are out may have fewer seeds than others. */
  readonly looks?: NonNullable<SweepRequest["looks"]>;
}

/** The seeds that every cell has been run with to the end: those that compare where a sweep was stopped. */
export function commonSeeds(seeds: readonly number[], records: TrainedCells["records"]): number[] {
  return seeds.filter((seed) =>
    records.every((each) => each.some((record) => record.plan.seed === seed && isFinished(record)))
  );
}

/** Final validation accuracy, of masks mean Dice, of a seed's run; `null` where it has none. */
export function accuracyOf(records: readonly RunRecord[], seed: number): number | null {
  const record = records.find(({ plan }) => plan.seed === seed);
  const held = record && finalEval(record, "validation");
  return held ? scoreOf(held) : null;
}

/** The best cell and those that are not detectably worse. */
export function regionOf(trained: TrainedCells, resolution: number): BestRegion {
  if (trained.looks) return lookedRegionOf(trained, trained.looks, resolution);
  const { records, seeds } = trained;
  return bestRegion(records.map((each) => seeds.map((seed) => accuracyOf(each, seed))), {
    resolution,
    largest: 1,
  });
}

/** The same over looks, with what was open after each. */
export function lookedRegionOf(
  { plans, records }: Pick<TrainedCells, "plans" | "records">,
  { at, margin }: NonNullable<SweepRequest["looks"]>,
  resolution: number,
): RegionOverLooks {
  const figures = plans.map(({ plans }, index) => {
    const own = records[index]!;
    const isEnded = ({ seed }: RunPlan) =>
      own.some((record) => record.plan.seed === seed && isFinished(record));
    const missing = plans.findIndex((plan) => !isEnded(plan));
    return plans.slice(0, missing < 0 ? plans.length : missing).map(({ seed }) => accuracyOf(own, seed));
  });
  return regionOverLooks(figures, at, margin, { resolution, largest: 1 });
}

/** The axes of a sweep with the values that its cells have. */
export function sweptAxes(axes: readonly SweepAxis[], cells: readonly Cell[]): SweptAxis[] {
  return axes.map((axis, index) => ({
    path: axis.path,
    label: axisLabel(axis.path, axes),
    scale: axis.kind === "list" ? "list" : axis.scale,
    values: sortedValues(cells.map(({ values }) => values[index])),
  }));
}

/** Every cell with its runs and how it compares with the best one. @param rung counts from 1. */
export function cellOutcomes(trained: TrainedCells, resolution: number, rung: number): CellOutcome[] {
  const region = regionOf(trained, resolution);
  return trained.plans.map(({ cell }, index) => {
    const { mean, sd, difference, interval, steady, within } = region.cells[index]!;
    return {
      cell: cell.number,
      values: cell.values,
      rung,
      mean,
      sd,
      difference,
      interval,
      steady,
      within,
      runs: trained.records[index]!.map((record) => ({
        seed: record.plan.seed,
        accuracy: accuracyOf([record], record.plan.seed),
        reason: endOf(record)?.reason ?? "stopped",
      })),
    };
  });
}

/** The best region in numbers; `null` where no cell has all its figures. */
export function regionOutcome(
  axes: readonly SweepAxis[],
  trained: TrainedCells,
  resolution: number,
): RegionOutcome | null {
  const { best, cells, residual, seeds } = regionOf(trained, resolution);
  if (best === null) return null;
  const inside = trained.plans.filter((_, index) => cells[index]!.within).map(({ cell }) => cell);
  const compared = cells.filter(({ mean }) => mean !== null).length;
  return {
    cells: [...new Set([trained.plans[best]!.cell.number, ...inside.map(({ number }) => number)])],
    of: trained.plans.length,
    seeds,
    axes: axes.map(({ path }, axis) => ({
      path,
      values: sortedValues(inside.map(({ values }) => values[axis])),
    })),
    residual,
    detectable: residual === null ? null : detectableDifference(residual, compared, seeds),
  };
}

/** The cell that the region names first. */
export function bestOf(cells: readonly CellOutcome[], region: RegionOutcome | null): SweptCells["best"] {
  const best = cells.find(({ cell }) => cell === region?.cells[0]);
  return best ? { cell: best.cell, values: best.values, mean: best.mean! } : null;
}
