import type { BuiltSchedule, CyclePosition } from "#schedules/schedule.ts";

/** A schedule in the time of its horizon, whose step 0 is the run's step `start`. */
export function startingAt(schedule: BuiltSchedule, start: number): BuiltSchedule {
  if (start === 0) return schedule;
  const { lr, momentum, cycles, feedback } = schedule;
  const own = (step: number) => Math.max(0, step - start);
  return {
    lr: (step) => lr(own(step)),
    momentum: momentum && ((step) => momentum(own(step))),
    cycles: cycles && ((step) => cycles(own(step))),
    feedback: feedback && {
      metric: feedback.metric,
      init: () => feedback.init(),
      observe: (state, seen) => feedback.observe(state, { ...seen, step: own(seen.step) }),
      at: (state, step) => feedback.at(state, own(step)),
      ...(feedback.cycles && {
        cycles: (state: unknown, step: number): CyclePosition => feedback.cycles!(state, own(step)),
      }),
    },
  };
}
