import { cyclePosition } from "./cycles.ts";
import type { BuiltSchedule, CyclePosition, FeedbackSchedule, Schedule } from "./schedule.ts";

/** The step of child `index` at step `step` of the whole; `null` while the child is not active. */
export type LocalStep = (index: number, step: number) => number | null;

/** The functions that make a schedule of others, given theirs as functions of their own steps. */
export interface Combination {
  readonly rates: (rates: readonly Schedule[]) => Schedule;
  readonly cycles: (cycles: readonly (Cycles | null)[]) => Cycles | null;
  readonly local: LocalStep;
}

/** The position of each step in the cycles. */
export type Cycles = (step: number) => CyclePosition;

/**
 * Rate, cycles and feedback of a schedule made of others.
 *
 * The whole depends on evaluations where a child does: its state is the list of the children's states (`null` for
 * a child without), and an evaluation reaches the children that are active at its step.
 *
 * @throws {RangeError} where children watch different metrics.
 */
export function combine(
  children: readonly BuiltSchedule[],
  { rates, cycles, local }: Combination,
): Pick<BuiltSchedule, "lr" | "cycles" | "feedback"> {
  const lr = rates(children.map((child) => child.lr));
  const initialCycles = cycles(children.map((child) => child.cycles));
  const watching = children.map((child) => child.feedback).filter((feedback) => feedback !== null);
  if (watching.length === 0) return { lr, cycles: initialCycles, feedback: null };
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
    at: (states, step) => rates(children.map((child, index) => rateUnder(child, states[index])))(step),
    ...(initialCycles === null ? {} : {
      cycles: (states: readonly unknown[], step: number) =>
        cycles(children.map((child, index) => cyclesUnder(child, states[index])))!(step),
    }),
  };
  return { lr, cycles: initialCycles, feedback: feedback as FeedbackSchedule };
}

/** The rate of a schedule under a state of its feedback; without feedback, its rate. */
export function rateUnder(schedule: BuiltSchedule, state: unknown): Schedule {
  const { feedback } = schedule;
  return feedback === null ? schedule.lr : (step) => feedback.at(state, step);
}

/** The cycles of a schedule under a state of its feedback; without feedback, its cycles. */
export function cyclesUnder(schedule: BuiltSchedule, state: unknown): Cycles | null {
  const { feedback } = schedule;
  return feedback?.cycles === undefined ? schedule.cycles : (step) => feedback.cycles!(state, step);
}

/** The same schedule evaluated only at the start of each epoch, as a framework's per-epoch scheduler is. */
export function holdWithinEpoch(built: BuiltSchedule, stepsPerEpoch: number): BuiltSchedule {
  const start = (step: number) => step - step % stepsPerEpoch;
  const { lr, momentum, cycles, feedback } = built;
  const heldCycles = (own: Cycles): Cycles => (step) => {
    const { cycle, position, length } = own(start(step));
    // Both ends of a cycle show at the next epoch's start.
    const nextEpoch = (at: number) => Math.ceil(at / stepsPerEpoch) * stepsPerEpoch;
    const from = start(step) - position;
    const held = nextEpoch(from);
    // The last of a limited number of cycles may end before it shows: it lasts an epoch all the same.
    const end = Math.max(nextEpoch(from + length), held + stepsPerEpoch);
    return cyclePosition(cycle, step - held, end - held);
  };
  return {
    lr: (step) => lr(start(step)),
    momentum: momentum === null ? null : (step) => momentum(start(step)),
    cycles: cycles === null ? null : heldCycles(cycles),
    feedback: feedback === null ? null : {
      metric: feedback.metric,
      init: () => feedback.init(),
      observe: (state, seen) => feedback.observe(state, seen),
      at: (state, step) => feedback.at(state, start(step)),
      ...(feedback.cycles === undefined ? {} : {
        cycles: (state: unknown, step: number) => heldCycles((at) => feedback.cycles!(state, at))(step),
      }),
    },
  };
}
