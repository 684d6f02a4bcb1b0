import type { RungOutcome, SweepOutcome } from "#results/sweep.ts";
import { SCORE_METRICS, scoreName } from "#results/score.ts";
import { bestOf, cellOutcomes, regionOf, regionOutcome, sweptAxes } from "./cells.ts";
import { costOf, type SweepPlan } from "./plan.ts";
import { rungDuration } from "./rungs.ts";
import type { RungState, SweepState } from "./state.ts";
import { warningsOf } from "./warnings.ts";

/** The outcome of a sweep's records, as `sweep.json` holds it. */
export function summariseSweep(
  plan: SweepPlan,
  state: SweepState,
  facts: Pick<SweepOutcome, "name" | "model" | "dataset" | "device" | "provenance">,
): SweepOutcome {
  const { request, resolution } = plan;
  const last = state.rungs.at(-1);
  const cells = state.rungs.flatMap((rung, index) => cellOutcomes(rung, resolution, index + 1));
  // A cell stands for itself as it was in the last rung that it came to.
  const latest = plan.cells.flatMap(({ number }) => cells.findLast(({ cell }) => cell === number) ?? []);
  const region = last ? regionOutcome(request.axes, last, resolution) : null;
  const best = bestOf(latest, region);
  return {
    version: 2,
    kind: "sweep",
    name: facts.name,
    complete: state.reachedEnd,
    stopped_early: earlyText(state, plan),
    request,
    metric: SCORE_METRICS[scoreName(state.rungs.flatMap(({ records }) => records.flat()))],
    model: facts.model,
    dataset: facts.dataset,
    device: facts.device,
    provenance: facts.provenance,
    axes: sweptAxes(request.axes, plan.cells),
    cells: latest,
    ...(state.looks && { looks: state.looks }),
    rungs: state.rungs.map((rung, index) => rungOutcome(plan, rung, index)),
    best,
    region,
    warnings: warningsOf(request, latest, region),
    spent: spentOf(state.rungs),
  };
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

function earlyText({ hopeless, rungs, looks }: SweepState, { request }: SweepPlan): string | null {
  if (looks?.ended === "budget") {
    return `The next look would not have ended within the time limit; after ${
      looks.taken.at(-1)!.seeds
    } seeds cells ${looks.taken.at(-1)!.open.join(", ")} were not yet detectably worse than the best.`;
  }
  if (hopeless === null) return null;
  const seeds = rungs.at(-1)!.seeds.length;
  return `After ${seeds} of ${request.seeds.length} seeds no cell is detectably worse than the best. All planned seeds would ` +
    `show only differences of ${
      points(hopeless)
    } points or more, larger than any found, so the rest was not run; ` +
    "--all runs it";
}

function spentOf(rungs: readonly RungState[]): SweepOutcome["spent"] {
  const ran = rungs.flatMap(({ records }) => records.flat());
  return { runs: ran.length, ...costOf(ran.map(({ plan }) => plan)) };
}

const points = (share: number) => (100 * share).toFixed(1);
