import type { ScheduleSpec } from "#schedules/schedule.ts";

/**
 * `lr: tuned` takes the rate that tuning found for the arm itself, `lr: tuned NAME` that of another arm.
 * The name of the arm whose rate is taken, `own` for a plain `tuned`, `null` where the rate is written out.
 */
export function tunedArm(schedule: ScheduleSpec, own: string): string | null {
  const rate = schedule["lr"];
  if (typeof rate !== "string") return null;
  const match = /^tuned(?:\s+(.+))?$/.exec(rate.trim());
  return match ? match[1]?.trim() ?? own : null;
}

/** The schedule with its rate written out. */
export function withRate(schedule: ScheduleSpec, lr: number): ScheduleSpec {
  return { ...schedule, lr };
}
