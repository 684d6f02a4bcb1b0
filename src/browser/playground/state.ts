import { applySuggestion } from "#lint/suggestion.ts";
import type { PlaygroundArm } from "#report/sections/playground/part.ts";
import type { Finding, Place } from "#schedules/finding.ts";
import { checkSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { type ArmCurve, type ArmDetails, curveOf, detailsOf, nameOf } from "./arm.ts";

/** A schedule as it stands. */
export interface Moved {
  readonly arm: PlaygroundArm;
  /** The last schedule that could be built. */
  readonly schedule: ScheduleSpec;
  /** The schedule as the controls write it, which may be wrong. */
  readonly written: ScheduleSpec;
  /** Problems of what is written; the other members are then those of the last schedule without any. */
  readonly problems: readonly string[];
  readonly name: string;
  readonly curve: ArmCurve;
}

/** A schedule as it was given. */
export function asGiven(arm: PlaygroundArm): Moved {
  const { name, schedule } = arm;
  return { arm, schedule, written: schedule, problems: [], name, curve: curveOf(arm, schedule) };
}

/** The same schedule with one value changed; `undefined` takes it away. */
export function withValue(moved: Moved, path: Place, value: unknown): Moved {
  return withSchedule(moved, changed(moved, { kind: "set", changes: [[path, value]] }, []));
}

/** The same schedule after the linter's suggestion; `null` for one that changes the run. */
export function withSuggestion(moved: Moved, { change, path }: Finding): Moved | null {
  if (change === null || change.kind === "run") return null;
  return withSchedule(moved, changed(moved, change, path));
}

function changed(
  { arm: { run }, written }: Moved,
  ...change: [NonNullable<Finding["change"]>, Place]
): ScheduleSpec {
  return applySuggestion({ spec: written, shape: run.shape, facts: run.facts }, ...change).spec;
}

/** What is written is drawn where it passes its check. */
function withSchedule(moved: Moved, written: ScheduleSpec): Moved {
  const { arm } = moved;
  const problems = checkSchedule(written, arm.run.shape);
  if (problems.length > 0) return { ...moved, written, problems: problems.map(({ message }) => message) };
  const name = nameOf(arm, written);
  return { arm, schedule: written, written, problems: [], name, curve: curveOf(arm, written) };
}

/** Details of each schedule, computed once for as long as it stays the same. */
export function detailsMemory(): (moved: Moved) => ArmDetails {
  const known = new Map<PlaygroundArm, { readonly schedule: ScheduleSpec; readonly details: ArmDetails }>();
  return ({ arm, schedule }) => {
    const found = known.get(arm);
    if (found?.schedule === schedule) return found.details;
    const details = detailsOf(arm, schedule);
    known.set(arm, { schedule, details });
    return details;
  };
}
