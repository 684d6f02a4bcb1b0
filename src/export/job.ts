import type { RunShape } from "#lib/duration.ts";
import type { Registry } from "#schedules/entry.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule to be written in another framework, for a run. */
export interface Job {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  readonly built: BuiltSchedule;
  readonly registry: Registry;
}
