import { costOf, type SweepPlan } from "#study/sweep/run.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { type Cell, MOST_CELLS } from "#spec/sweep/cells.ts";
import { checkBudgets, checkCells, planCells } from "#spec/sweep/plan.ts";
import { cellsOf, rungsOf } from "#spec/sweep/request.ts";
import { checkPlan } from "./experiment.ts";
import { UsageError } from "../io.ts";
import { loadCustomModules } from "./custom_modules.ts";
import type { SweepOptions } from "./sweep.ts";
import { schedulesOf } from "../workers/train_plan.ts";

/** More runs would not fit into memory, where the records of all of them are compared. */
const MOST_RUNS = 2 * MOST_CELLS;

/**
 * Everything that can be refused before a worker starts.
 *
 * @throws {UsageError} for a path, value, number of cells or length that cannot be.
 */
export async function planSweep(
  { spec, request, vocabulary, folder }: SweepOptions,
  data: { readonly train: { readonly count: number }; readonly validation: { readonly count: number } },
): Promise<SweepPlan> {
  try {
    const cells = checkCells(spec, request, cellsOf(request), vocabulary);
    const rungs = rungsOf(request, cells.length);
    const runs = rungs.reduce((sum, rung) => sum + rung.cells, 0) * request.seeds.length;
    if (runs > MOST_RUNS) {
      throw new RangeError(`${runs} runs are too many for a sweep; at most ${MOST_RUNS} are made`);
    }
    const count = data.train.count;
    checkBudgets(planCells(cells, request, count, { share: 1, number: null }), request);
    for (const { share } of rungs) {
      await checkSchedules(planCells(cells, request, count, { share, number: null }), folder);
    }
    return { request, cells, rungs, trainImages: count, resolution: 1 / data.validation.count };
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** What only shows once a run's length is known: milestones out of order, a warmup without a step. */
async function checkSchedules(
  planned: readonly { cell: Cell; plans: readonly RunPlan[] }[],
  folder: string,
): Promise<void> {
  const context = await loadCustomModules(planned.flatMap(({ plans }) => schedulesOf(plans[0]!)), folder);
  for (const { cell, plans } of planned) {
    try {
      checkPlan(plans[0]!, context);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const values = cell.values.map((value) => JSON.stringify(value)).join(", ");
      throw new UsageError(`Cell ${cell.number} (${values}): ${error.message}`, { cause: error });
    }
  }
}

/** Runs and steps if all go on to their end, and the runs that can go at once. */
export function totalsOf(
  { cells, rungs, request, trainImages }: SweepPlan,
): { runs: number; steps: number; widest: number } {
  const runs = rungs.reduce((sum, rung) => sum + rung.cells, 0) * request.seeds.length;
  const steps = rungs.reduce((sum, rung) => {
    // Which cells go on is not known yet; with one batch size all cost the same.
    const plans = planCells(cells.slice(0, rung.cells), request, trainImages, {
      share: rung.share,
      number: null,
    });
    return sum + costOf(plans.flatMap((each) => each.plans)).steps;
  }, 0);
  return { runs, steps, widest: cells.length * request.seeds.length };
}
