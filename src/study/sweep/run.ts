import { printDuration } from "#lib/duration.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { type CheckedCell, imagesOf, planCells } from "#spec/sweep/plan.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import type { Rung } from "#spec/sweep/rungs.ts";
import { hopelessDifference } from "#stats/best_region.ts";
import type { RunRecord } from "#results/run.ts";
import type { Runner } from "#app/session/runner.ts";
import { accuracyOf, commonSeeds, regionOf, type TrainedCells } from "./cells.ts";

/** A sweep as it is planned before any run. */
export interface SweepPlan {
  readonly request: SweepRequest;
  readonly cells: readonly CheckedCell[];
  readonly rungs: readonly Rung[];
  readonly trainImages: number;
  /** The smallest difference in accuracy that validation data can show: one image. */
  readonly resolution: number;
}

/** One rung, as far as it was run. */
export interface RungState extends TrainedCells<CheckedCell> {
  /** Numbers of the cells that go on to the next rung; of the last one, none. */
  readonly kept: readonly number[];
}

export interface SweepState {
  readonly rungs: readonly RungState[];
  /** The smallest difference that all planned seeds could have shown, where that was why they were not run. */
  readonly hopeless: number | null;
  readonly reachedEnd: boolean;
}

/** A difference in accuracy below one point is not worth the wait. */
export const WORTHWHILE = 0.01;
/** Seeds after which all cells are looked at for the first time. */
const FIRST_LOOK = 2;

/**
 * Runs a sweep rung after rung. A single rung is run seed by seed over all cells, and ends early where no difference
 * can be seen and the remaining seeds could not show one (see {@link hopelessDifference}); rungs of successive halving
 * run all their seeds, then the best cells go on. Cells are judged by validation accuracy alone.
 *
 * @param onState called with the state after every part, so that it can be saved.
 */
export async function runSweep(
  plan: SweepPlan,
  { runner, onState }: {
    readonly runner: Runner;
    readonly onState: (state: SweepState) => Promise<unknown>;
  },
): Promise<void> {
  const { request, rungs, trainImages } = plan;
  const done: RungState[] = [];
  let cells = plan.cells;
  for (const [index, rung] of rungs.entries()) {
    const plans = planCells(cells, request, trainImages, {
      share: rung.share,
      number: rungs.length === 1 ? null : index + 1,
    });
    for (const seeds of looks(request, rungs.length)) {
      let state: RungState;
      let hopeless: number | null = null;
      try {
        await runner.run(plans.flatMap((each) => each.plans.filter(({ seed }) => seeds.includes(seed))));
      } finally {
        // What a failure or a stop left is kept too.
        state = rungState(plans, runner, seeds, rungs[index + 1]?.cells ?? 0);
        done.splice(index, 1, state);
        const all = state.seeds.length === request.seeds.length;
        if (!all && !request.all && state.seeds.length === seeds.length) {
          hopeless = hopelessDifference(regionOf(state, plan.resolution), request.seeds.length, WORTHWHILE);
        }
        const reachedEnd = hopeless !== null || (all && index === rungs.length - 1);
        await onState({ rungs: [...done], hopeless, reachedEnd });
      }
      if (hopeless !== null || state.seeds.length < seeds.length) return;
    }
    const kept = new Set(done[index]!.kept);
    cells = cells.filter(({ number }) => kept.has(number));
  }
}

/** The seeds that are run by each look: the first two together, then one more each time. */
function looks({ seeds, all }: SweepRequest, rungs: number): (readonly number[])[] {
  if (rungs > 1 || all || seeds.length <= FIRST_LOOK) return [seeds];
  return seeds.slice(FIRST_LOOK - 1).map((_, index) => seeds.slice(0, FIRST_LOOK + index));
}

function rungState(
  plans: RungState["plans"],
  runner: Runner,
  seeds: readonly number[],
  keep: number,
): RungState {
  const records = plans.map(({ plans }) => runner.records(plans));
  const scores = plans.map(({ cell }, index) => ({
    number: cell.number,
    ...scoreOf(records[index]!, seeds),
  }));
  return { plans, records, seeds: commonSeeds(seeds, records), kept: survivors(scores, keep) };
}

/** What a cell is judged by in a rung. */
export interface Score {
  readonly number: number;
  /** Runs without a figure: they diverged. */
  readonly missing: number;
  /** Of those with one; `null` where there is none. */
  readonly mean: number | null;
}

function scoreOf(records: readonly RunRecord[], seeds: readonly number[]): Omit<Score, "number"> {
  const found = seeds.flatMap((seed) => accuracyOf(records, seed) ?? []);
  return {
    missing: seeds.length - found.length,
    mean: found.length === 0 ? null : found.reduce((sum, each) => sum + each, 0) / found.length,
  };
}

/** The numbers of the `keep` best: fewer diverged runs first, then the higher mean, then the lower number. */
export function survivors(scores: readonly Score[], keep: number): number[] {
  return scores
    .toSorted((a, b) => a.missing - b.missing || (b.mean ?? -1) - (a.mean ?? -1) || a.number - b.number)
    .slice(0, keep)
    .map(({ number }) => number);
}

/** Steps and images of all runs of some plans. */
export function costOf(plans: readonly RunPlan[]): { steps: number; images: number } {
  return {
    steps: plans.reduce((sum, { total_steps }) => sum + total_steps, 0),
    images: plans.reduce((sum, each) => sum + imagesOf(each), 0),
  };
}

/** Length of a rung's runs, as a spec would write it. */
export function rungDuration({ plans }: RungState): string {
  const { total_steps, steps_per_epoch } = plans[0]!.plans[0]!;
  return printDuration({ value: Number((total_steps / steps_per_epoch).toPrecision(3)), unit: "epochs" });
}
