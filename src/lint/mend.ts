import type { RunShape } from "#lib/duration.ts";
import type { Mend, Place, RunFacts } from "#schedules/finding.ts";
import { printSchedule, printValue } from "#schedules/print.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule in its run, as the linter looks at it. */
export interface Checked {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  readonly facts: RunFacts;
}

/** The same after a mend of the schedule at `path`. */
export function applyMend({ spec, shape, facts }: Checked, mend: Mend, path: Place): Checked {
  switch (mend.kind) {
    case "set": {
      const changed = mend.changes.reduce<unknown>(
        (whole, [place, value]) => putIn(whole, [...path, ...place], value),
        spec,
      );
      return { spec: changed as ScheduleSpec, shape, facts };
    }
    case "replace":
      return { spec: putIn(spec, path, mend.schedule) as ScheduleSpec, shape, facts };
    case "run":
      return {
        spec,
        shape: { ...shape, ...(mend.totalSteps !== undefined && { totalSteps: mend.totalSteps }) },
        facts: { ...facts, ...mend.facts },
      };
  }
}

/** A mend as a spec writes it: `T_mult: 1 with T_0: 200 steps`. */
export function printMend(mend: Mend): string {
  switch (mend.kind) {
    case "set":
      return mend.changes.map(([place, value]) =>
        value === undefined ? `no ${printPlace(place)}` : `${printPlace(place)}: ${printValue(value)}`
      ).join(" with ");
    case "replace":
      return printSchedule(mend.schedule);
    case "run":
      return mend.text;
  }
}

const printPlace = (place: Place): string =>
  place.map((part, index) => typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`).join(
    "",
  );

/** A copy of plain data with one value replaced, or taken away where it is `undefined`. */
function putIn(data: unknown, [key, ...rest]: Place, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(data)) return data.map((item, index) => index === key ? putIn(item, rest, value) : item);
  const { [key]: old, ...others } = data as Record<string | number, unknown>;
  const changed = putIn(old, rest, value);
  return changed === undefined ? others : { ...(data as object), [key]: changed };
}
