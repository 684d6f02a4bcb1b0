import type { ScheduleSpec } from "#schedules/schedule.ts";

/** The answer of a branch of the decision tree. */
export interface Answer {
  readonly schedule: ScheduleSpec;
  readonly because: string;
  /** The tree itself if left out. */
  readonly source?: string;
  readonly more?: readonly string[];
}

/** Where the tree stands. */
export const TREE = "schedulers-overview.md, scheduler selection";
