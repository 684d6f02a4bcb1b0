import type { Conditions } from "./conditions.ts";
import { CATALOGUE, entryOf } from "./entries.ts";
import type { Registry } from "./entry.ts";
import { writtenValues } from "./resolve.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * Robbins and Monro's two conditions for convergence, Σ η = ∞ and Σ η² < ∞, for the family of a schedule continued
 * for ever; `null` where they depend on measurements, or on a module.
 */
export function conditionsOf(spec: ScheduleSpec, registry: Registry = CATALOGUE): Conditions | null {
  const entry = entryOf(spec.name, registry);
  const values = entry?.conditions && writtenValues(spec, registry);
  return values === undefined ? null : entry!.conditions!(values, (inner) => conditionsOf(inner, registry));
}
