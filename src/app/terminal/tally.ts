import type { TrainEvent } from "#train/events.ts";
import type { RunPlan } from "#results/run.ts";
import { stepsOf } from "#study/study.ts";

export interface ProgressTotals {
  readonly runs: number;
  readonly steps: number;
}

/** Progress of a study, counted from its events. */
export interface Tally {
  readonly done: ProgressTotals;
  readonly totals: ProgressTotals;
  events(plan: RunPlan, events: readonly TrainEvent[]): void;
  /** A run that needs no training. */
  known(plan: RunPlan): void;
  /** Runs come that the totals do not hold. */
  more(plans: readonly RunPlan[]): void;
  /** Time left at the pace of the steps that were really made: `1:02:03`, `2:03`, or `…` while it is not known. */
  left(): string;
}

/** @param now in milliseconds. */
export function createTally(expected: ProgressTotals, now: () => number): Tally {
  const totals = { runs: expected.runs, steps: expected.steps };
  const done = { runs: 0, steps: 0 };
  const started = now();
  let knownSteps = 0;
  return {
    done,
    totals,
    events: (plan, events) => {
      for (const event of events) {
        if (event.kind === "step") done.steps++;
        if (event.kind !== "ended") continue;
        done.runs++;
        // A run that ended early gives its remaining steps back.
        if (event.reason !== "stopped") done.steps += plan.total_steps - event.step;
      }
    },
    known: (plan) => {
      done.runs++;
      done.steps += plan.total_steps;
      knownSteps += plan.total_steps;
    },
    more: (plans) => {
      totals.runs += plans.length;
      totals.steps += stepsOf(plans);
    },
    left: () => {
      const made = done.steps - knownSteps;
      return made < 20 ? "…" : clock(((now() - started) / made) * (totals.steps - done.steps));
    },
  };
}

/** `1:02:03` or `2:03`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}
