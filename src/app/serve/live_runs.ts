import type { RunPlan, RunRecord } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";

/** Points of a run's curve. */
const MOST_POINTS = 200;

/** The runs of a study as far as a page draws them: a bounded number of points each. */
export interface LiveRuns {
  events(plan: RunPlan, events: readonly TrainEvent[]): void;
  /** Records of the runs that have begun, in that order. */
  records(): RunRecord[];
}

/** @param provenance of each run. */
export function createLiveRuns(provenance: RunRecord["provenance"]): LiveRuns {
  const runs = new Map<string, { readonly plan: RunPlan; readonly events: TrainEvent[] }>();
  return {
    events: (plan, events) => {
      const run = runs.get(plan.id) ?? { plan, events: [] };
      runs.set(plan.id, run);
      for (const event of events) if (isDrawn(plan, event)) run.events.push(event);
    },
    records: () => [...runs.values()].map(({ plan, events }) => ({ plan, provenance, events })),
  };
}

/** Evenly spaced steps and evaluations, the same ones for every seed, and the last of each. */
function isDrawn(plan: RunPlan, event: TrainEvent): boolean {
  const { total_steps, first_step = 0, eval_every } = plan;
  const steps = total_steps - first_step;
  switch (event.kind) {
    case "step":
      return (event.step - first_step) % Math.ceil(steps / MOST_POINTS) === 0 ||
        event.step === total_steps - 1;
    case "eval": {
      const every = eval_every * Math.ceil(steps / eval_every / MOST_POINTS);
      const isCurve = event.split === "validation" && event.weights === undefined;
      return isCurve && ((event.step - first_step) % every === 0 || event.step === total_steps);
    }
    default:
      return event.kind === "ended";
  }
}
