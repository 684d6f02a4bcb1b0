import { CATALOGUE, entryOf } from "./entries.ts";
import type { Registry } from "./entry.ts";
import type { ScheduleSpec } from "./schedule.ts";

/**
 * A schedule in one line, for legends and lists.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeSchedule } from "lr-lab/schedules";
 *
 * const spec = { name: "multistep", lr: 0.05, milestones: ["33%", "67%", "89%"] };
 * assert.equal(describeSchedule(spec), "multistep 0.05 × 0.1 at 33%, 67%, 89%");
 * ```
 *
 * Takes a spec that passes `checkSchedule`; for an unknown name it gives that name.
 */
export function describeSchedule(spec: ScheduleSpec, registry: Registry = CATALOGUE): string {
  const entry = entryOf(spec.name, registry);
  if (entry === undefined) return String(spec.name);
  const value = (key: string) => spec[key] ?? entry.params[key]?.default ?? null;
  const isLeftOut = (key: string) => value(key) === null || value(key) === entry.params[key]?.default;
  const line = entry.label
    .replace(/\[([^\][]*\{(\w+)\}[^\][]*)\]/g, (_, segment, key) => isLeftOut(key) ? "" : segment)
    .replace(/\{(\w+)\}/g, (_, key) => print(value(key), registry));
  // A key that the label leaves out is named where it says something, so that no two schedules share a legend.
  const others = Object.entries(entry.params)
    .filter(([key, { kind }]) => kind !== "text" && !entry.label.includes(`{${key}}`) && !isLeftOut(key))
    .map(([key]) => `, ${key} ${print(value(key), registry)}`).join("");
  return spec.update === "epoch" ? `${line}${others}, per epoch` : `${line}${others}`;
}

function print(value: unknown, registry: Registry): string {
  if (Array.isArray(value)) {
    return value.map((item) => print(item, registry)).join(
      value.some((item) => item?.schedule) ? " → " : ", ",
    );
  }
  if (typeof value === "object" && value !== null) {
    const { for: length, schedule } = value as { for?: unknown; schedule?: ScheduleSpec };
    return schedule === undefined
      ? describeSchedule(value as ScheduleSpec, registry)
      : `${length} ${describeSchedule(schedule, registry)}`;
  }
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}
