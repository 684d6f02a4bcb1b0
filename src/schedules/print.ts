import type { ScheduleSpec } from "./schedule.ts";

/**
 * A schedule as one line of YAML. Parsed as YAML, it is the same schedule again.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseSchedule, printSchedule } from "lr-lab/schedules";
 *
 * const spec = { name: "cosine", lr: 0.1, T_max: "30 epochs" };
 * assert.equal(printSchedule(spec), "{ name: cosine, lr: 0.1, T_max: 30 epochs }");
 * assert.deepEqual(parseSchedule(printSchedule(spec)), spec);
 * ```
 */
export function printSchedule(spec: ScheduleSpec): string {
  return flow(spec);
}

/** A value of a schedule as {@link printSchedule} writes it. */
export const printValue = (value: unknown): string => flow(value);

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return entries.length === 0
      ? "{}"
      : `{ ${entries.map(([key, inner]) => `${flow(key)}: ${flow(inner)}`).join(", ")} }`;
  }
  if (typeof value === "string") return plain(value) ? value : JSON.stringify(value);
  if (typeof value === "number") return number(value);
  return String(value);
}

/** YAML wants a dot before an exponent to be sure of a number. */
function number(value: number): string {
  const text = String(value);
  return /^-?\d+e/.test(text) ? text.replace("e", ".0e") : text;
}

/** True for a text that can stand unquoted in a flow mapping and is still read as a text. */
function plain(text: string): boolean {
  // `.5` is a number.
  return /^(?!\.\d)[A-Za-z_./][\w ./%-]*$|^\d[\d.]*(?: [a-z]+|%)$/.test(text) && text.trim() === text &&
    !/^(?:true|false|null|yes|no|on|off|~)$|^\.+$|^\.(?:inf|nan)$/i.test(text);
}
