import { COMMON_PARAMS, entryOf } from "#schedules/entries.ts";
import type { Place } from "#schedules/finding.ts";
import type { Param, WrittenPart } from "#schedules/param_types.ts";
import { innerSchedules } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** One value of a schedule that has a control. */
export interface Field {
  /** From the whole schedule to the value. */
  readonly path: Place;
  readonly label: string;
  readonly param: Exclude<
    Param,
    { readonly kind: "schedule" | "schedules" | "parts" | "durations" | "text" }
  >;
  /** As the spec writes it, else its default; `null` for none. */
  readonly value: unknown;
}

/** The values of one schedule; those of the schedules inside follow in groups of their own. */
export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** Every value of a schedule that passed its check, nested ones after the schedule around them. */
export function fieldGroups(spec: ScheduleSpec, path: Place = [], place = ""): FieldGroup[] {
  const params = { ...entryOf(spec.name)!.params, ...COMMON_PARAMS };
  const fields = Object.entries(params).flatMap(([key, param]) => fieldsOf(key, param, spec, path));
  const title = place === "" ? String(spec.name) : `${place}: ${spec.name}`;
  return [
    { title, fields },
    ...innerSchedules(spec).flatMap((inner) =>
      fieldGroups(inner.spec, [...path, ...inner.path], within(place, inner.path))
    ),
  ];
}

/** The place of an inner schedule in words: `then`, `parts 2`. */
function within(place: string, path: Place): string {
  const own = path.filter((key) => key !== "schedule").map((key) => typeof key === "number" ? key + 1 : key)
    .join(" ");
  return place === "" ? own : `${place}, ${own}`;
}

function fieldsOf(key: string, param: Param, spec: ScheduleSpec, path: Place): Field[] {
  const raw = spec[key] ?? param.default ?? null;
  const { doc, unit } = param;
  switch (param.kind) {
    case "number":
    case "duration":
    case "boolean":
    case "choice":
      return [{ path: [...path, key], label: key, param, value: raw }];
    case "durations": {
      const each = { kind: "duration", doc, unit, range: param.range } as const;
      return (raw as readonly unknown[] ?? []).map((value, index) => ({
        path: [...path, key, index],
        label: `${key} ${index + 1}`,
        param: each,
        value,
      }));
    }
    case "parts": {
      const length = {
        kind: "duration",
        doc: "length of the part",
        unit,
        range: { min: 1, whole: true },
      } as const;
      return (raw as readonly WrittenPart[]).map((part, index) => ({
        path: [...path, key, index, "for"],
        label: `part ${index + 1} for`,
        param: length,
        value: part.for,
      }));
    }
    case "text":
    case "schedule":
    case "schedules":
      return [];
  }
}
