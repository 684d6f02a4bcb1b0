import { durationToSteps, parseDuration, type RunShape } from "#lib/duration.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";
import type { ParameterGroup } from "./optimizer.ts";

/** Rates of the parameter groups at a step under the run's own rate; `null` freezes a group. */
export type GroupRates = (step: number, lr: number) => (number | null)[];

/**
 * The rates of parameter groups: their own schedule or the run's, times their factor; none while they are frozen.
 *
 * @param build makes a group's own schedule, in the run's time. @param first step that durations count from.
 */
export function groupRates(
  groups: readonly ParameterGroup[],
  shape: RunShape,
  first: number,
  build: (schedule: ScheduleSpec) => BuiltSchedule,
): GroupRates {
  const at = (text: string | null | undefined, absent: number) =>
    text == null ? absent : first + durationToSteps(parseDuration(text), shape);
  const built = groups.map((group) => ({
    own: group.schedule ? build(group.schedule).lr : null,
    factor: group.lr_factor ?? 1,
    until: at(group.frozen_until, -Infinity),
    from: at(group.frozen_from, Infinity),
  }));
  return (step, lr) =>
    built.map(({ own, factor, until, from }) =>
      step < until || step >= from ? null : factor * (own === null ? lr : own(step))
    );
}
