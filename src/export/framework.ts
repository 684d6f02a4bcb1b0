import type { RunShape } from "#lib/duration.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";

/** The frameworks that a schedule can be emitted for. */
export const FRAMEWORKS = ["pytorch", "keras", "optax", "transformers"] as const;
export type Framework = typeof FRAMEWORKS[number];

/** How a framework itself writes a schedule, and what it then really gives. */
export interface Native {
  /** The call, as an expression; `optimizer` is defined where it uses it. */
  readonly call: string;
  readonly imports: readonly string[];
  /** The optimizer's own rate, where the call multiplies it. */
  readonly base?: number;
  /** The rate that it gives, as transcribed from the framework's source; `null` where it refuses or cannot. */
  readonly rate: Schedule | null;
  /** Why its rates differ, where they do; one clause for a comment. */
  readonly why: string;
}

/**
 * A framework's own ways to write a schedule. The first is what looks the same, with the same numbers in the same
 * places; later ones are adapted so that the rates agree. Empty where it has nothing of the kind.
 */
export type Natives = (spec: ScheduleSpec, shape: RunShape, ours: Schedule) => readonly Native[];

/** A value as Python reads it; numbers to 15 digits, so that `0.1 * 0.1` does not end in noise. */
export function py(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(py).join(", ")}]`;
  return typeof value === "number" ? String(Number(value.toPrecision(15))) : String(value);
}

/** Keyword arguments: `lr=0.1, gamma=0.5`. */
export function kwargs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).map(([key, value]) => `${key}=${py(value)}`).join(", ");
}
