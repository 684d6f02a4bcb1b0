import type { RunShape } from "#lib/duration.ts";
import type { Place, RunFacts, Suggestion } from "#schedules/finding.ts";
import { printSchedule, printValue } from "#schedules/print.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule in its run, as the linter looks at it. */
export interface Checked {
  readonly spec: ScheduleSpec;
  readonly shape: RunShape;
  readonly facts: RunFacts;
}

/** The same after a change of the schedule at `path`. */
export function applySuggestion(
  { spec, shape, facts }: Checked,
  suggestion: Suggestion,
  path: Place,
): Checked {
  switch (suggestion.kind) {
    case "set": {
      const changed = suggestion.changes.reduce<unknown>(
        (whole, [place, value]) => putIn(whole, [...path, ...place], value),
        spec,
      );
      return { spec: changed as ScheduleSpec, shape, facts };
    }
    case "replace":
      return { spec: putIn(spec, path, suggestion.schedule) as ScheduleSpec, shape, facts };
    case "run":
      return {
        spec,
        shape: {
          ...shape,
          ...(suggestion.totalSteps !== undefined && { totalSteps: suggestion.totalSteps }),
        },
        facts: { ...facts, ...suggestion.facts },
      };
  }
}

/** A suggestion as a spec writes it: `T_mult: 1 with T_0: 200 steps`. */
export function printSuggestion(suggestion: Suggestion): string {
  switch (suggestion.kind) {
    case "set":
      return suggestion.changes.map(([place, value]) =>
        value === undefined ? `no ${printPlace(place)}` : `${printPlace(place)}: ${printValue(value)}`
      ).join(" with ");
    case "replace":
      return printSchedule(suggestion.schedule);
    case "run":
      return suggestion.text;
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
