import type { Given, Param, Params, Range, Values } from "./param_types.ts";

/** A parameter's value that is not allowed; the message names the schedule, the parameter, the value and the allowed range. */
export class ParameterError extends RangeError {
  override readonly name = "RangeError";
  constructor(
    readonly schedule: string,
    readonly parameter: string,
    readonly allowed: string,
    readonly value: unknown,
  ) {
    super(`Cannot build ${schedule}: ${parameter} must be ${allowed}; it is ${show(value)}`);
  }
}

/**
 * Values with defaults filled in, each checked against its parameter.
 *
 * @throws {ParameterError} (a RangeError) for a value out of range.
 * @throws {TypeError} for a value of the wrong kind or a missing one.
 */
export function check<const P extends Params>(schedule: string, params: P, given: Given<P>): Values<P> {
  const values: Record<string, unknown> = {};
  for (const [key, param] of Object.entries(params)) {
    const value = (given as Record<string, unknown>)[key] ?? param.default;
    if (value === undefined) {
      throw new TypeError(`Cannot build ${schedule}: ${key} is missing (${param.doc})`);
    }
    values[key] = value;
    if (value === null) continue;
    const wrong = wrongKind(param, value);
    if (wrong !== null) {
      throw new TypeError(`Cannot build ${schedule}: ${key} must be ${wrong}; it is ${show(value)}`);
    }
    const outside = outOfRange(param, value);
    if (outside !== null) throw new ParameterError(schedule, key, outside, value);
  }
  return values as Values<P>;
}

/** The kind that a resolved value should have had; `null` if it is right. */
export function wrongKind(param: Param, value: unknown): string | null {
  switch (param.kind) {
    case "number":
    case "duration":
      return typeof value === "number" ? null : "a number";
    case "durations":
      return Array.isArray(value) && value.every((item) => typeof item === "number")
        ? null
        : "a list of numbers";
    case "boolean":
      return typeof value === "boolean" ? null : "true or false";
    case "choice":
      return param.options.includes(value as string) ? null : `one of ${param.options.join(", ")}`;
    case "text":
      return typeof value === "string" && value !== "" ? null : "a non-empty text";
    case "schedule":
    case "schedules":
    case "parts":
      return typeof value === "object" ? null : "a schedule";
  }
}

/** The range that a number (or each of a list) should have had; `null` if it lies in it. */
export function outOfRange(param: Param, value: unknown): string | null {
  if (param.kind !== "number" && param.kind !== "duration" && param.kind !== "durations") return null;
  const numbers = Array.isArray(value) ? value as number[] : [value as number];
  return numbers.every((item) => inRange(item, param.range)) ? null : describeRange(param.range, param.kind);
}

function inRange(value: number, { min, above, max, below, whole }: Range): boolean {
  return Number.isFinite(value) &&
    (min === undefined || value >= min) && (above === undefined || value > above) &&
    (max === undefined || value <= max) && (below === undefined || value < below) &&
    (!whole || Number.isInteger(value));
}

/** A range in words: `finite and > 0`, `a whole number of steps >= 1`. */
export function describeRange({ min, above, max, below, whole }: Range, kind: Param["kind"]): string {
  const bounds = [
    min === undefined ? null : `>= ${min}`,
    above === undefined ? null : `> ${above}`,
    max === undefined ? null : `<= ${max}`,
    below === undefined ? null : `< ${below}`,
  ].filter((bound) => bound !== null);
  const noun = kind === "duration"
    ? "a whole number of steps"
    : kind === "durations"
    ? "whole numbers of steps"
    : whole
    ? "a whole number"
    : "a finite number";
  return [noun, bounds.join(" and ")].join(" ").trim();
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}
