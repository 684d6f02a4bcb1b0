import type { ScheduleSpec } from "#schedules/schedule.ts";

/** The path of a schedule's rate: behind a ramp it is that of the schedule that follows, `["then", "lr"]`. */
export function ratePath(schedule: ScheduleSpec): readonly string[] {
  const { then } = schedule;
  if (isSchedule(then)) return ["then", ...ratePath(then)];
  return ["max_lr" in schedule ? "max_lr" : "lr"];
}

/** The key of a schedule's rate: `max_lr` for one that rises to it (`one_cycle`, `cyclic`), else `lr`. */
export function rateKey(schedule: ScheduleSpec): "lr" | "max_lr" {
  return ratePath(schedule).at(-1) as "lr" | "max_lr";
}

/** The rate as it is written: a number, a text such as `tuned`, or nothing. */
export function writtenRate(schedule: ScheduleSpec): unknown {
  const { then } = schedule;
  return isSchedule(then) ? writtenRate(then) : schedule[rateKey(schedule)];
}

function isSchedule(value: unknown): value is ScheduleSpec {
  return typeof value === "object" && value !== null && "name" in value;
}

/**
 * `lr: tuned` (or `max_lr: tuned`) takes the rate that tuning found for the arm itself, `lr: tuned NAME` that of
 * another arm. The name of the arm whose rate is taken, `own` for a plain `tuned`, `null` where the rate is written out.
 */
export function tunedArm(schedule: ScheduleSpec, own: string): string | null {
  const rate = writtenRate(schedule);
  if (typeof rate !== "string") return null;
  const match = /^tuned(?:\s+(.+))?$/.exec(rate.trim());
  return match ? match[1]?.trim() ?? own : null;
}

/** The schedule with its rate written out, or as `tuned` of another arm. */
export function withRate(schedule: ScheduleSpec, rate: number | string): ScheduleSpec {
  const { then } = schedule;
  return isSchedule(then)
    ? { ...schedule, then: withRate(then, rate) }
    : { ...schedule, [rateKey(schedule)]: rate };
}
