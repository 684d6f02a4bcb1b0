import { parseDuration, printDuration, type RunShape } from "#lib/duration.ts";
import type { Range } from "#schedules/param_types.ts";
import { linear, logarithmic, type Positions, whole } from "../controls/positions.ts";
import type { Field } from "./fields.ts";

/** The movement of a value by a slider: over numbers, and between a number and what the spec writes. */
export interface Slide {
  readonly positions: Positions;
  /** The value's number; `null` for one that no slider can show, such as `rest` or none at all. */
  numberOf(value: unknown): number | null;
  valueOf(number: number): unknown;
}

/** The slider of a value, `null` for a switch, a choice or a length that is `rest`. */
export function slideOf({ param, value }: Field, shape: RunShape): Slide | null {
  switch (param.kind) {
    case "number":
      return {
        positions: numbers(param.range, typeof value === "number" ? value : 0, param.unit),
        numberOf: (given) => typeof given === "number" ? given : null,
        valueOf: (number) => number,
      };
    case "duration":
      return durations(value, param.range.min ?? 0, shape);
    case "boolean":
    case "choice":
      return null;
  }
}

/** The factor between a value and either end of its slider. */
const AROUND = 100;
/** A rate where a spec says 0. */
const SMALL_RATE = 0.1;

function numbers({ min, above, max, below, whole: isWhole }: Range, value: number, unit: string): Positions {
  const [low, high] = [min ?? above, max ?? below];
  if (isWhole) return whole(Math.ceil(low ?? 0), high ?? Math.max(10, 4 * value));
  if (low !== undefined && high !== undefined) {
    const step = high - low > 5 ? 0.1 : 0.01;
    return linear(min ?? low + step, max ?? high - step, step);
  }
  if (low === undefined || low !== 0) {
    const reach = Math.max(1, 4 * Math.abs(value));
    const step = reach / 100;
    const start = min ?? (above === undefined ? -reach : above + step);
    return linear(start, high ?? (min ?? above ?? 0) + reach, step);
  }
  const middle = value > 0 ? value : unit === "rate" ? SMALL_RATE / AROUND : 1;
  return logarithmic(middle / AROUND, middle * AROUND, { zero: min === 0 });
}

function durations(written: unknown, least: number, shape: RunShape): Slide | null {
  const unit = unitOf(written);
  if (unit === null || unit === "rest") return null;
  return {
    positions: lengths(unit, least, shape, numberIn(written) ?? 1),
    numberOf: (given) => unitOf(given) === unit ? numberIn(given) : null,
    valueOf: (value) => printDuration({ value, unit }),
  };
}

function lengths(
  unit: "epochs" | "steps" | "percent" | "samples" | "tokens",
  least: number,
  { totalSteps, stepsPerEpoch }: RunShape,
  value: number,
): Positions {
  switch (unit) {
    case "percent":
      return linear(least === 0 ? 0 : 1, 100, 1);
    case "steps":
      return whole(least, Math.max(totalSteps, value));
    case "epochs": {
      const epochs = Math.max(1, totalSteps / stepsPerEpoch, value);
      const step = epochs > 20 ? 1 : 0.1;
      return linear(least === 0 ? 0 : step, Number(epochs.toPrecision(6)), step);
    }
    case "samples":
    case "tokens":
      return logarithmic(Math.max(1, value / AROUND), Math.max(1, value) * AROUND, { zero: least === 0 });
  }
}

function unitOf(written: unknown) {
  try {
    return parseDuration(written).unit;
  } catch {
    return null;
  }
}

function numberIn(written: unknown): number | null {
  try {
    return parseDuration(written).value;
  } catch {
    return null;
  }
}
