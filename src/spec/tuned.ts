import type { ScheduleSpec } from "#schedules/schedule.ts";

/** The key of a schedule's rate: `max_lr` for one that rises to it (`one_cycle`, `cyclic`), else `lr`. */
export function rateKey(schedule: ScheduleSpec): "lr" | "max_lr" {
  return "max_lr" in schedule ? "max_lr" : "lr";
}

/**
 * `lr: tuned` (or `max_lr: tuned`) takes the rate that tuning found for the arm itself, `lr: tuned NAME` that of
 * another arm. The name of the arm whose rate is taken, `own` for a plain `tuned`, `null` where the rate is written out.
 */
export function tunedArm(schedule: ScheduleSpec, own: string): string | null {
  const rate = schedule[rateKey(schedule)];
  if (typeof rate !== "string") return null;
  const match = /^tuned(?:\s+(.+))?$/.exec(rate.trim());
  return match ? match[1]?.trim() ?? own : null;
}

/** The schedule with its rate written out. */
export function withRate(schedule: ScheduleSpec, rate: number): ScheduleSpec {
  return { ...schedule, [rateKey(schedule)]: rate };
}
