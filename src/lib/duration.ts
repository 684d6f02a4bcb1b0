/** A length of training that says its unit: `30 epochs`, `500 steps`, `10%` of the run. */
export interface Duration {
  readonly value: number;
  readonly unit: "epochs" | "steps" | "percent";
}

/** Lengths by which a duration becomes optimizer steps. */
export interface RunShape {
  /** Optimizer steps in the whole run. */
  readonly totalSteps: number;
  /** Optimizer steps in one epoch. */
  readonly stepsPerEpoch: number;
}

/** More than any run lasts, in any unit; products with the lengths of a run stay finite and whole. */
const MOST = 1e12;

const PATTERN = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(epochs?|steps?|updates?|%|percent)$/i;

/** End of every message about a wrong duration. */
export const DURATION_HELP =
  "a duration is a number with a unit: `30 epochs`, `500 steps` or `10%` of the run";

/**
 * Reads `30 epochs`, `1 epoch`, `500 steps`, `10%`.
 *
 * @throws {SyntaxError} for a bare number or an unknown unit; the message lists the units.
 * @throws {RangeError} for a value that is negative or above 1e12.
 */
export function parseDuration(text: unknown): Duration {
  if (typeof text === "number") {
    throw new SyntaxError(`Cannot read ${text} as a duration: the unit is missing; ${DURATION_HELP}`);
  }
  const match = typeof text === "string" ? PATTERN.exec(text.trim()) : null;
  if (!match) throw new SyntaxError(`Cannot read ${JSON.stringify(text)} as a duration: ${DURATION_HELP}`);
  const value = Number(match[1]);
  if (!(value >= 0 && value <= MOST)) {
    throw new RangeError(`Cannot use the duration ${JSON.stringify(text)}: the value must be from 0 to 1e12`);
  }
  const word = match[2]!.toLowerCase();
  const unit = word.startsWith("epoch") ? "epochs" : word === "%" || word === "percent" ? "percent" : "steps";
  return { value, unit };
}

/** The inverse of {@link parseDuration}: `parseDuration(printDuration(d))` equals `d`. */
export function printDuration({ value, unit }: Duration): string {
  if (unit === "percent") return `${value}%`;
  return `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

/**
 * A duration in optimizer steps, rounded to the nearest whole step (halves up), in the context of a run.
 * A duration written in `steps` must already be whole.
 *
 * @throws {RangeError} for a fractional number of steps.
 */
export function durationToSteps(duration: Duration, shape: RunShape): number {
  return Math.round(exactSteps(duration, shape));
}

/**
 * The same before it is rounded, for lengths that follow one another: their sum is rounded, not each.
 *
 * @throws {RangeError} for a fractional number of `steps`.
 */
export function exactSteps({ value, unit }: Duration, { totalSteps, stepsPerEpoch }: RunShape): number {
  switch (unit) {
    case "steps":
      if (!Number.isInteger(value)) {
        throw new RangeError(
          `Cannot use a duration of ${value} steps: steps are whole; write a whole number`,
        );
      }
      return value;
    case "epochs":
      return value * stepsPerEpoch;
    case "percent":
      return (value / 100) * totalSteps;
  }
}
