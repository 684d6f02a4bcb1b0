import type { StepUnit } from "./model.ts";

/** Names by which frameworks and trackers call the columns that are not figures, in the order of preference. */
const STEPS = [
  "step",
  "_step",
  "global_step",
  "trainer/global_step",
  "train/global_step",
  "global step",
  "iteration",
  "iterations",
  "iter",
  "num_updates",
  "update",
];
const EPOCHS = ["epoch", "epochs"];
const WALL_TIMES = ["wall_time", "wall time", "_timestamp", "timestamp", "created_at", "time"];
export const RUNS = ["run", "run_id", "run id", "run_name", "run name", "run_uuid", "runname"];
export const TAGS = ["tag", "metric", "metric_name", "key", "variable", "name"];
export const VALUES = ["value", "metric_value"];

/** The name in a list of names that comes first in `known`; -1 for none. Case does not matter. */
export function indexOfAny(names: readonly string[], known: readonly string[]): number {
  const lower = names.map((name) => name.trim().toLowerCase());
  for (const name of known) {
    const index = lower.indexOf(name);
    if (index >= 0) return index;
  }
  return -1;
}

/** The columns that say where a row stands: its step and its time; -1 for none. */
export interface Axis {
  readonly step: number;
  readonly unit: StepUnit;
  readonly wallTime: number;
}

/** The axis among the names of some columns. Without a step the epoch is one, and without both the row's number. */
export function axisOf(names: readonly string[]): Axis {
  const wallTime = indexOfAny(names, WALL_TIMES);
  const step = indexOfAny(names, STEPS);
  if (step >= 0) return { step, unit: "step", wallTime };
  const epoch = indexOfAny(names, EPOCHS);
  return epoch >= 0 ? { step: epoch, unit: "epoch", wallTime } : { step: -1, unit: "row", wallTime };
}

/** NaN and the infinities as Python, JavaScript and C write them. */
const WORDS: Readonly<Record<string, number>> = {
  nan: NaN,
  "-nan": NaN,
  inf: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
  infinity: Infinity,
  "-infinity": -Infinity,
};

/**
 * The number that a field holds; `null` for a text that is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { numberIn } from "./columns.ts";
 *
 * assert.equal(numberIn("1e-3"), 0.001);
 * assert.ok(Number.isNaN(numberIn("NaN")));
 * assert.equal(numberIn("cosine"), null);
 * assert.equal(numberIn(""), null);
 * ```
 */
export function numberIn(field: string): number | null {
  const value = Number(field);
  if (value === value) return value !== 0 || field.trim() !== "" ? value : null;
  return WORDS[field.trim().toLowerCase()] ?? null;
}

/** The same for a value of JSON, where NaN may stand as a text; `null` for what is no number. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.length < 16 ? WORDS[value.toLowerCase()] ?? null : null;
}
