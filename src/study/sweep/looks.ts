import type { RunPlan } from "#spec/run_plan.ts";
import { planCells } from "#spec/sweep/plan.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import type { SweepOutcome } from "#results/sweep.ts";
import { recordsOf, type StageRecords, stepsOf } from "../study.ts";
import { lookedRegionOf } from "./cells.ts";
import type { SweepPlan } from "./plan.ts";
import type { RungState, SweepState } from "./state.ts";

type Ended = NonNullable<SweepOutcome["looks"]>["ended"];

/**
 * A sweep whose cells get seeds in looks: the first trains all cells, each later one those not detectably worse than the best,
 * until all that are left are within the margin of it. No look begins that is not expected to end within the budget.
 *
 * @param elapsedS seconds since the sweep began.
 */
export function sweepByLooks(
  plan: SweepPlan,
  looks: NonNullable<SweepRequest["looks"]>,
  stages: readonly Pick<StageRecords, "records">[],
  elapsedS: number,
): { readonly state: SweepState; readonly next: readonly RunPlan[] | null } {
  const { request, cells, trainImages, resolution } = plan;
  const planned = planCells(cells, request, trainImages, { share: 1, number: null });
  const added = (look: number) => new Set(request.seeds.slice(looks.at[look - 1] ?? 0, looks.at[look]));
  if (stages.length === 0) {
    const first = added(0);
    const next = planned.flatMap(({ plans }) => plans.filter(({ seed }) => first.has(seed)));
    return { state: { rungs: [], hopeless: null, reachedEnd: false }, next };
  }

  const made = recordsOf(stages as readonly StageRecords[]);
  const byId = new Map(made.map((record) => [record.plan.id, record]));
  const records = planned.map(({ plans }) => plans.flatMap(({ id }) => byId.get(id) ?? []));
  const plans = planned.map(({ cell, plans }) => ({ cell, plans: plans.filter(({ id }) => byId.has(id)) }));
  const region = lookedRegionOf({ plans, records }, looks, resolution);
  const fresh = added(stages.length);
  const more = region.active.flatMap((index) => planned[index]!.plans.filter(({ seed }) => fresh.has(seed)));
  const share = stepsOf(more) / Math.max(1, stepsOf(made.map(({ plan }) => plan)));
  const ended: Ended = region.looks.length < stages.length
    ? "unfinished"
    : region.active.length === 0
    ? "decided"
    : more.length === 0
    ? "last look"
    : elapsedS * (1 + share) > (looks.budget_s ?? Infinity)
    ? "budget"
    : "unfinished";
  const rung: RungState = { plans, records, seeds: request.seeds.slice(0, region.seeds), kept: [], looks };
  const taken = region.looks.map(({ seeds, open }) => ({
    seeds,
    open: open.map((index) => planned[index]!.cell.number),
  }));
  return {
    state: { rungs: [rung], hopeless: null, reachedEnd: ended !== "unfinished", looks: { taken, ended } },
    next: ended === "unfinished" && region.looks.length === stages.length ? more : null,
  };
}
