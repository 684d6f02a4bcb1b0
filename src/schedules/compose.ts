import { cyclePosition } from "./cycles.ts";
import type { BuiltSchedule, FeedbackSchedule, Schedule } from "./schedule.ts";

/** How the update `step` looks from inside child `index`: its own step, or `null` while the child is not active. */
export type LocalStep = (index: number, step: number) => number | null;

/**
 * The rate of a schedule made of others, and its feedback where a child has one.
 *
 * `combine` gets the children's rates as functions of their own steps. The state of the whole is the list of the
 * children's states (`null` for a child without); an evaluation reaches the children that are active at its step.
 *
 * @throws {RangeError} where children watch different metrics.
 */
export function combineRates(
  children: readonly BuiltSchedule[],
  combine: (rates: readonly Schedule[]) => Schedule,
  local: LocalStep,
): Pick<BuiltSchedule, "lr" | "feedback"> {
  const lr = combine(children.map((child) => child.lr));
  const watching = children.map((child) => child.feedback).filter((feedback) => feedback !== null);
  if (watching.length === 0) return { lr, feedback: null };
  const metrics = [...new Set(watching.map((feedback) => feedback.metric))];
  if (metrics.length > 1) {
    throw new RangeError(
      `Cannot combine schedules that watch different metrics (${
        metrics.join(", ")
      }): let all watch the same one`,
    );
  }
  const feedback: FeedbackSchedule<readonly unknown[]> = {
    metric: metrics[0]!,
    init: () => children.map((child) => child.feedback?.init() ?? null),
    observe: (states, seen) =>
      children.map((child, index) => {
        const step = local(index, seen.step);
        if (child.feedback === null || step === null) return states[index];
        return child.feedback.observe(states[index], { ...seen, step });
      }),
    at: (states, step) => combine(children.map((child, index) => rateUnder(child, states[index])))(step),
  };
  return { lr, feedback: feedback as FeedbackSchedule };
}

/** The rate of a schedule under a state of its feedback; without feedback, its rate. */
export function rateUnder(schedule: BuiltSchedule, state: unknown): Schedule {
  const { feedback } = schedule;
  return feedback === null ? schedule.lr : (step) => feedback.at(state, step);
}

/** The same schedule asked only at the start of each epoch: what a framework's per-epoch scheduler does. */
export function holdWithinEpoch(built: BuiltSchedule, stepsPerEpoch: number): BuiltSchedule {
  const start = (step: number) => step - step % stepsPerEpoch;
  const { lr, momentum, cycles, feedback } = built;
  return {
    lr: (step) => lr(start(step)),
    momentum: momentum === null ? null : (step) => momentum(start(step)),
    cycles: cycles === null ? null : (step) => {
      const { cycle, position, length } = cycles(start(step));
      // Both ends of a cycle show at the next epoch's start.
      const nextEpoch = (update: number) => Math.ceil(update / stepsPerEpoch) * stepsPerEpoch;
      const from = start(step) - position;
      return cyclePosition(cycle, step - nextEpoch(from), nextEpoch(from + length) - nextEpoch(from));
    },
    feedback: feedback === null ? null : {
      ...feedback,
      init: () => feedback.init(),
      observe: (state, seen) => feedback.observe(state, seen),
      at: (state, step) => feedback.at(state, start(step)),
    },
  };
}
