import type { SweepAxis } from "#spec/sweep/axes.ts";
import { detectableDifference } from "#stats/best_region.ts";
import { endOf } from "#results/run.ts";
import {
  accuracyOf,
  costOf,
  regionOf,
  rungDuration,
  type RungState,
  type SweepPlan,
  type SweepState,
} from "./run.ts";
import { sortedValues } from "./values.ts";
import { warningsOf } from "./warnings.ts";
import type { CellOutcome, RegionOutcome, RungOutcome, SweepOutcome } from "#results/sweep.ts";

/** A sweep's records to what is written as `sweep.json`. */
export function summariseSweep(
  plan: SweepPlan,
  state: SweepState,
  facts: Pick<SweepOutcome, "name" | "model" | "dataset" | "device" | "provenance">,
): SweepOutcome {
  const { request } = plan;
  const last = state.rungs.at(-1);
  const cells = state.rungs.flatMap((rung, index) => cellOutcomes(plan, rung, index + 1));
  // A cell stands for itself as it was in the last rung that it came to.
  const latest = plan.cells.flatMap(({ number }) => cells.findLast(({ cell }) => cell === number) ?? []);
  const region = last ? regionOutcome(plan, last) : null;
  const best = bestOf(latest, region);
  return {
    version: 1,
    kind: "sweep",
    name: facts.name,
    complete: state.reachedEnd,
    stopped_early: earlyText(state, plan),
    request,
    metric: "validation_accuracy",
    model: facts.model,
    dataset: facts.dataset,
    device: facts.device,
    provenance: facts.provenance,
    axes: request.axes.map((axis, index) => ({
      path: axis.path,
      label: labelOf(axis.path, request.axes),
      scale: axis.kind === "list" ? "list" : axis.scale,
      values: sortedValues(plan.cells.map(({ values }) => values[index])),
    })),
    cells: latest,
    rungs: state.rungs.map((rung, index) => rungOutcome(plan, rung, index)),
    best,
    region,
    warnings: warningsOf(request, latest, region),
    spent: spentOf(state.rungs),
  };
}

function cellOutcomes({ resolution }: SweepPlan, rung: RungState, number: number): CellOutcome[] {
  const region = regionOf(rung, resolution);
  return rung.plans.map(({ cell }, index) => {
    const { mean, sd, difference, interval, steady, within } = region.cells[index]!;
    return {
      cell: cell.number,
      values: cell.values,
      rung: number,
      mean,
      sd,
      difference,
      interval,
      steady,
      within,
      runs: rung.records[index]!.map((record) => ({
        seed: record.plan.seed,
        accuracy: accuracyOf([record], record.plan.seed),
        reason: endOf(record)?.reason ?? "stopped",
      })),
    };
  });
}

function regionOutcome({ resolution, request }: SweepPlan, rung: RungState): RegionOutcome | null {
  const region = regionOf(rung, resolution);
  if (region.best === null) return null;
  const inside = rung.plans.filter((_, index) => region.cells[index]!.within).map(({ cell }) => cell);
  const compared = region.cells.filter(({ mean }) => mean !== null).length;
  return {
    cells: [rung.plans[region.best]!.cell.number, ...inside.map(({ number }) => number)].filter((
      number,
      index,
      all,
    ) => all.indexOf(number) === index),
    of: rung.plans.length,
    seeds: region.seeds,
    axes: request.axes.map(({ path }, axis) => ({
      path,
      values: sortedValues(inside.map(({ values }) => values[axis])),
    })),
    residual: region.residual,
    detectable: region.residual === null
      ? null
      : detectableDifference(region.residual, compared, region.seeds),
  };
}

function bestOf(cells: readonly CellOutcome[], region: RegionOutcome | null): SweepOutcome["best"] {
  const best = cells.find(({ cell }) => cell === region?.cells[0]);
  return best ? { cell: best.cell, values: best.values, mean: best.mean! } : null;
}

function rungOutcome({ resolution }: SweepPlan, rung: RungState, index: number): RungOutcome {
  const region = regionOf(rung, resolution);
  const isLast = rung.kept.length === 0;
  return {
    rung: index + 1,
    duration: rungDuration(rung),
    ...costOf(rung.plans.flatMap(({ plans }) => plans)),
    cells: rung.plans.map(({ cell }, at) => ({
      cell: cell.number,
      mean: region.cells[at]!.mean,
      kept: isLast || rung.kept.includes(cell.number),
    })),
    dropped_within: isLast
      ? []
      : rung.plans.filter(({ cell }, at) => region.cells[at]!.within && !rung.kept.includes(cell.number)).map(
        ({ cell }) => cell.number,
      ),
  };
}

function earlyText({ hopeless, rungs }: SweepState, { request }: SweepPlan): string | null {
  if (hopeless === null) return null;
  const seeds = rungs.at(-1)!.seeds.length;
  return `After ${seeds} of ${request.seeds.length} seeds no cell can be told apart from the best, and all planned seeds ` +
    `would show only differences of ${
      points(hopeless)
    } points or more, larger than any found. The rest was not run; ` +
    "--all runs it";
}

function spentOf(rungs: readonly RungState[]): SweepOutcome["spent"] {
  const ran = rungs.flatMap(({ records }) => records.flat());
  return { runs: ran.length, ...costOf(ran.map(({ plan }) => plan)) };
}

/** The last part of a path; the whole path where two axes would share it. */
function labelOf(path: string, axes: readonly SweepAxis[]): string {
  const short = (text: string) => text.split(".").at(-1)!;
  return axes.filter((other) => short(other.path) === short(path)).length > 1 ? path : short(path);
}

const points = (share: number) => (100 * share).toFixed(1);
