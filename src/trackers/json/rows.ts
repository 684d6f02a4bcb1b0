import { isObject } from "#lib/json.ts";
import { axisOf, numberIn, numberOf, RUNS, TAGS, VALUES } from "../columns.ts";
import type { Output } from "../output.ts";

/** Objects in objects are followed so deep: `{"train": {"loss": 1}}` is `train/loss`. */
const MOST_DEPTH = 4;
/** Kinds of rows, by their keys, that are remembered. */
const MOST_AXES = 256;

/** Points from objects of which each is a row: `{"step": 1, "loss": 0.5, "eval": {"loss": 0.6}}`. */
export class Rows {
  #row = 0;
  /** The axis of rows by their keys: rows of one kind have the same ones. */
  readonly #axes = new Map<string, Axis>();

  constructor(private readonly output: Output) {}

  add(row: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(row);
    const id = keys.join("\n");
    let axis = this.#axes.get(id);
    if (axis === undefined) {
      // Keys that differ in each row are of no use a second time.
      if (this.#axes.size >= MOST_AXES) this.#axes.clear();
      this.#axes.set(id, axis = axisIn(keys));
    }
    const number = this.#row++;
    const step = axis.step === null ? number : stepOf(row[axis.step]);
    if (step === null) return;
    const time = axis.wallTime === null ? NaN : timeOf(row[axis.wallTime]);
    const run = axis.run === null ? null : String(row[axis.run]);
    if (axis.tag !== null && axis.value !== null) {
      const value = numberOf(row[axis.value]);
      if (value !== null) this.output.series(run, String(row[axis.tag]), axis.unit)?.add(step, time, value);
      return;
    }
    this.#figures(row, "", { step, time, run, axis, depth: 0 });
  }

  #figures(
    object: Readonly<Record<string, unknown>>,
    prefix: string,
    at: { step: number; time: number; run: string | null; axis: Axis; depth: number },
  ): void {
    const { step, time, run, axis, depth } = at;
    for (const key in object) {
      if (depth === 0 && axis.others.has(key)) continue;
      const value = numberOf(object[key]);
      if (value !== null) this.output.series(run, prefix + key, axis.unit)?.add(step, time, value);
      else if (isObject(object[key]) && depth < MOST_DEPTH) {
        this.#figures(object[key], `${prefix}${key}/`, { ...at, depth: depth + 1 });
      }
    }
  }
}

interface Axis {
  readonly step: string | null;
  readonly unit: "step" | "epoch" | "row";
  readonly wallTime: string | null;
  readonly run: string | null;
  readonly tag: string | null;
  readonly value: string | null;
  /** Keys that are no figures. */
  readonly others: ReadonlySet<string>;
}

function axisIn(keys: readonly string[]): Axis {
  const { step, unit, wallTime } = axisOf(keys);
  const lower = keys.map((key) => key.toLowerCase());
  const keyOf = (index: number) => index < 0 ? null : keys[index]!;
  const any = (known: readonly string[]) => keyOf(lower.findIndex((key) => known.includes(key)));
  const [run, tag, value] = [any(RUNS), any(TAGS), any(VALUES)];
  const others = [keyOf(step), keyOf(wallTime), run].filter((key) => key !== null);
  return { step: keyOf(step), unit, wallTime: keyOf(wallTime), run, tag, value, others: new Set(others) };
}

function stepOf(value: unknown): number | null {
  const step = typeof value === "string" ? numberIn(value) : numberOf(value);
  return step !== null && Number.isFinite(step) ? step : null;
}

function timeOf(value: unknown): number {
  const time = typeof value === "number" ? value : Date.parse(String(value)) / 1000;
  return time > 1e11 ? time / 1000 : time;
}
