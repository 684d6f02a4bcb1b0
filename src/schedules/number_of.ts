import { ENTRIES } from "./check_spec.ts";
import type { ScheduleSpec } from "./schedule.ts";

/** A number parameter; its default where the key is left out; `null` for none. */
export function numberOf(spec: ScheduleSpec, key: string): number | null {
  const value = spec[key] ?? ENTRIES[spec.name]?.params[key]?.default;
  return typeof value === "number" ? value : null;
}
