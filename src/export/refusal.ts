import { entryOf } from "#schedules/entries.ts";
import type { Registry } from "#schedules/entry.ts";
import { innerSchedules } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

/** The reason why a schedule, or one inside it, can never be exported; `null` for none. */
export function refusalOf(spec: ScheduleSpec, registry: Registry): string | null {
  const own = entryOf(spec.name, registry)?.exports?.refusal;
  if (own !== undefined) return own;
  for (const inner of innerSchedules(spec, registry)) {
    const found = refusalOf(inner.spec, registry);
    if (found !== null) return found;
  }
  return null;
}
