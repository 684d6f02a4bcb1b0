import type { RunPlan } from "#spec/run_plan.ts";
import { PlanError } from "#spec/plan.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import { MOST_CELLS } from "#spec/sweep/cells.ts";
import { checkBudgets, checkCells, type CheckedCell, imagesOf, planCells } from "#spec/sweep/plan.ts";
import { cellsOf, rungsOf, type SweepRequest } from "#spec/sweep/request.ts";
import type { Rung } from "#spec/sweep/rungs.ts";
import type { DataFacts, Sample, Totals } from "../study.ts";

/** A sweep before any run. */
export interface SweepPlan {
  readonly request: SweepRequest;
  readonly cells: readonly CheckedCell[];
  readonly rungs: readonly Rung[];
  readonly trainImages: number;
  /** The smallest difference in accuracy that validation data can show: one image. */
  readonly resolution: number;
}

/** More runs would not fit into memory, where the records of all of them are compared. */
const MOST_RUNS = 2 * MOST_CELLS;

/** @throws {PlanError} for a path, value, number of cells or length that cannot be. */
export function planSweep(
  spec: Spec,
  request: SweepRequest,
  { data, vocabulary }: { readonly data: DataFacts; readonly vocabulary: Vocabulary },
): SweepPlan {
  try {
    const cells = checkCells(spec, request, cellsOf(request), vocabulary);
    const rungs = rungsOf(request, cells.length);
    const plan = {
      request,
      cells,
      rungs,
      trainImages: data.train.count,
      resolution: 1 / data.validation.count,
    };
    const runs = runsOf(plan);
    if (runs > MOST_RUNS) {
      throw new RangeError(`${runs} runs are too many for a sweep; at most ${MOST_RUNS} are made`);
    }
    checkBudgets(planCells(cells, request, plan.trainImages, { share: 1, number: null }), request);
    return plan;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new PlanError(error.message, { cause: error });
  }
}

/** Runs and steps if all cells reach the last rung. */
export function totalsOf(plan: SweepPlan): Totals {
  const { cells, rungs, trainImages } = plan;
  // Of looks only the first is certain.
  const first = plan.request.looks?.at[0];
  const request = { ...plan.request, seeds: plan.request.seeds.slice(0, first) };
  const steps = rungs.reduce((sum, rung) => {
    // The cells that reach the next rung are not known yet; with one batch size all cost the same.
    const planned = planCells(cells.slice(0, rung.cells), request, trainImages, {
      share: rung.share,
      number: null,
    });
    return sum + costOf(planned.flatMap(({ plans }) => plans)).steps;
  }, 0);
  return { runs: runsOf({ rungs, request }), steps, widest: cells.length * request.seeds.length };
}

/**
 * A run of each cell at each length: milestones out of order or a warmup without a step only show once that is known.
 *
 * @throws {PlanError} for a run without steps.
 */
export function samplesOf({ cells, rungs, request, trainImages }: SweepPlan): Sample[] {
  return rungs.flatMap(({ share }) =>
    planCells(cells, request, trainImages, { share, number: null }).map(({ cell, plans }) => ({
      plan: plans[0]!,
      place: `Cell ${cell.number} (${cell.values.map((value) => JSON.stringify(value)).join(", ")}): `,
    }))
  );
}

/** Steps and images of all runs of some plans. */
export function costOf(plans: readonly RunPlan[]): { steps: number; images: number } {
  return {
    steps: plans.reduce((sum, { total_steps }) => sum + total_steps, 0),
    images: plans.reduce((sum, each) => sum + imagesOf(each), 0),
  };
}

function runsOf({ rungs, request }: Pick<SweepPlan, "rungs" | "request">): number {
  return rungs.reduce((sum, rung) => sum + rung.cells, 0) * request.seeds.length;
}
