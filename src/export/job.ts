import type { RunShape } from "#lib/duration.ts";
import type { Registry } from "#schedules/entry.ts";
import type { Library } from "#schedules/frameworks/exports.ts";
import { hasMomentum, type OptimizerChoice } from "#schedules/frameworks/optimizer.ts";
import type { BuiltSchedule, ScheduleSpec } from "#schedules/schedule.ts";
import type { Wanted } from "./choose.ts";

/** A schedule to be written in another framework, for a run. */
export interface Job {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  readonly built: BuiltSchedule;
  readonly registry: Registry;
  readonly optimizer: OptimizerChoice;
}

/** The job as a search among a library's own schedules. */
export const wantedOf = ({ spec, shape, built, registry, optimizer }: Job, library: Library): Wanted => ({
  library,
  spec,
  shape,
  ours: built.lr,
  registry,
  hasMomentum: hasMomentum(optimizer),
});
