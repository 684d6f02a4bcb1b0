import { printDuration } from "#lib/duration.ts";
import type { RunPlan } from "#spec/run_plan.ts";
import { planCells } from "#spec/sweep/plan.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import { hopelessDifference } from "#stats/best_region.ts";
import type { RunRecord } from "#results/run.ts";
import type { StageRecords } from "../study.ts";
import { accuracyOf, commonSeeds, regionOf } from "./cells.ts";
import { sweepByLooks } from "./looks.ts";
import type { SweepPlan } from "./plan.ts";
import type { RungState, SweepState } from "./state.ts";

/** A difference in accuracy below one point is not worth the wait. */
const WORTHWHILE = 0.01;
/** Seeds after which all cells are looked at for the first time. */
const FIRST_LOOK = 2;

/**
 * A sweep after some of its stages. A single rung is run seed by seed over all cells, and ends early where no difference
 * can be seen and the remaining seeds could not show one (see {@link hopelessDifference}); rungs of successive halving
 * run all their seeds, then the best cells reach the next rung. Cells are judged by validation accuracy alone.
 * With looks, see {@link sweepByLooks}.
 *
 * @param elapsedS seconds since the sweep began, for a limit of time.
 * @returns the state, and the runs of the next stage; `null` where there is none, or the last one was broken off.
 */
export function sweepAfter(
  plan: SweepPlan,
  stages: readonly Pick<StageRecords, "records">[],
  elapsedS = 0,
): { readonly state: SweepState; readonly next: readonly RunPlan[] | null } {
  if (plan.request.looks && plan.rungs.length === 1) {
    return sweepByLooks(plan, plan.request.looks, stages, elapsedS);
  }
  const { request, rungs } = plan;
  const done: RungState[] = [];
  const left = [...stages];
  let cells = plan.cells;
  for (const [index, rung] of rungs.entries()) {
    const planned = planCells(cells, request, plan.trainImages, {
      share: rung.share,
      number: rungs.length === 1 ? null : index + 1,
    });
    for (const seeds of looks(request, rungs.length)) {
      const stage = left.shift();
      if (stage === undefined) {
        const next = planned.flatMap(({ plans }) => plans.filter(({ seed }) => seeds.includes(seed)));
        return { state: { rungs: done, hopeless: null, reachedEnd: false }, next };
      }
      const rungNow = rungState(planned, stage.records, seeds, rungs[index + 1]?.cells ?? 0);
      done[index] = rungNow;
      const isWhole = rungNow.seeds.length === seeds.length;
      const isLast = seeds.length === request.seeds.length;
      const hopeless = isWhole && !isLast && !request.all
        ? hopelessDifference(regionOf(rungNow, plan.resolution), request.seeds.length, WORTHWHILE)
        : null;
      if (hopeless !== null || !isWhole) {
        return { state: { rungs: done, hopeless, reachedEnd: hopeless !== null }, next: null };
      }
    }
    const kept = new Set(done[index]!.kept);
    cells = cells.filter(({ number }) => kept.has(number));
  }
  return { state: { rungs: done, hopeless: null, reachedEnd: true }, next: null };
}

/** Stages of a sweep that does not end early. */
export function mostStages({ request, rungs }: Pick<SweepPlan, "request" | "rungs">): number {
  if (request.looks && rungs.length === 1) return request.looks.at.length;
  return rungs.length * looks(request, rungs.length).length;
}

/** The seeds that are run by each look: the first two together, then one more each time. */
function looks({ seeds, all }: SweepRequest, rungs: number): (readonly number[])[] {
  if (rungs > 1 || all || seeds.length <= FIRST_LOOK) return [seeds];
  return seeds.slice(FIRST_LOOK - 1).map((_, index) => seeds.slice(0, FIRST_LOOK + index));
}

function rungState(
  plans: RungState["plans"],
  measured: readonly RunRecord[],
  seeds: readonly number[],
  keep: number,
): RungState {
  const byId = new Map(measured.map((record) => [record.plan.id, record]));
  const records = plans.map(({ plans }) => plans.flatMap(({ id }) => byId.get(id) ?? []));
  const scores = plans.map(({ cell }, index) => ({
    number: cell.number,
    ...scoreOf(records[index]!, seeds),
  }));
  return { plans, records, seeds: commonSeeds(seeds, records), kept: survivors(scores, keep) };
}

/** Score of a cell in a rung. */
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

/** Length of a rung's runs, as a spec would write it. */
export function rungDuration({ plans }: RungState): string {
  const { total_steps, steps_per_epoch } = plans[0]!.plans[0]!;
  return printDuration({ value: Number((total_steps / steps_per_epoch).toPrecision(3)), unit: "epochs" });
}
