/**
 * A length of training that says its unit: `30 epochs`, `500 steps`, `10%` of the run, `2M samples`, `10B tokens`, or
 * `rest`, what the lengths around it leave of the run (its value is 1).
 */
export interface Duration {
  readonly value: number;
  readonly unit: "epochs" | "steps" | "percent" | "samples" | "tokens" | "rest";
}

/** Lengths by which a duration becomes optimizer steps. */
export interface RunShape {
  /** Optimizer steps in the whole run. */
  readonly totalSteps: number;
  /** Optimizer steps in one epoch. */
  readonly stepsPerEpoch: number;
  /** Samples in an optimizer step: batch size times accumulated batches; absent where it is unknown. */
  readonly samplesPerStep?: number | undefined;
  /** Tokens in an optimizer step; absent where it is unknown, or where samples have none. */
  readonly tokensPerStep?: number | undefined;
}

/** More than any run lasts, in any unit; products with the lengths of a run stay finite and whole. */
const MOST = 1e12;
/** The same for samples and tokens, of which a step has many. */
const MOST_TOKENS = 1e15;

const PATTERN =
  /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kMB]?)\s*(epochs?|steps?|updates?|samples?|tokens?|%|percent)$/i;
const SUFFIXES: Readonly<Record<string, number>> = { "": 0, k: 3, m: 6, b: 9 };

/** End of every message about a wrong duration. */
export const DURATION_HELP =
  "a duration is a number with a unit: `30 epochs`, `500 steps` or `10%` of the run";

/** Words of a duration that not every place takes. */
export const DURATION_HELP_OF_SCHEDULES =
  `${DURATION_HELP}; or \`2M samples\`, \`10B tokens\` (with k, M or B), or \`rest\` for what is left of the run`;

/**
 * Reads `30 epochs`, `1 epoch`, `500 steps`, `10%`, `2M samples`, `10B tokens`, `5k steps`, `rest`.
 *
 * @throws {SyntaxError} for a bare number or an unknown unit; the message lists the units.
 * @throws {RangeError} for a value that is negative or above 1e12.
 */
export function parseDuration(text: unknown): Duration {
  if (typeof text === "number") {
    throw new SyntaxError(`Cannot read ${text} as a duration: the unit is missing; ${DURATION_HELP}`);
  }
  if (typeof text === "string" && text.trim().toLowerCase() === "rest") return { value: 1, unit: "rest" };
  const match = typeof text === "string" ? PATTERN.exec(text.trim()) : null;
  if (!match) throw new SyntaxError(`Cannot read ${JSON.stringify(text)} as a duration: ${DURATION_HELP}`);
  const [value, unit] = [
    scaled(match[1]!, SUFFIXES[match[2]!.toLowerCase()]!),
    unitOf(match[3]!.toLowerCase()),
  ];
  const most = unit === "tokens" || unit === "samples" ? MOST_TOKENS : MOST;
  if (!(value >= 0 && value <= most)) {
    throw new RangeError(
      `Cannot use the duration ${JSON.stringify(text)}: the value must be from 0 to ${
        most === MOST ? "1e12" : "1e15"
      }`,
    );
  }
  return { value, unit };
}

/** A number times a power of ten, without a rounding of its own: `1.1k` is 1100. */
function scaled(digits: string, power: number): number {
  const [mantissa, exponent = "0"] = digits.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(exponent) + power}`);
}

function unitOf(word: string): Duration["unit"] {
  if (word === "%" || word === "percent") return "percent";
  if (word.startsWith("epoch")) return "epochs";
  if (word.startsWith("sample")) return "samples";
  return word.startsWith("token") ? "tokens" : "steps";
}

/** The inverse of {@link parseDuration}: `parseDuration(printDuration(d))` equals `d`. */
export function printDuration({ value, unit }: Duration): string {
  if (unit === "rest") return "rest";
  if (unit === "percent") return `${value}%`;
  return `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

/** As a spec has it: `1 step`, `300 steps`. */
export function stepsText(count: number): string {
  return printDuration({ value: count, unit: "steps" });
}

/** As a spec has it: `1 epoch`, `20 epochs`. */
export function epochsText(count: number): string {
  return printDuration({ value: count, unit: "epochs" });
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
 * @throws {RangeError} for a fractional number of `steps`, for `rest`, which only a schedule around it can tell, and for
 * samples or tokens of a run that does not say how many are in a step.
 */
export function exactSteps(
  { value, unit }: Duration,
  { totalSteps, stepsPerEpoch, samplesPerStep, tokensPerStep }: RunShape,
): number {
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
      // Multiplied first: 35 / 100 * 330 would be 115.49999999999999.
      return value * totalSteps / 100;
    case "samples":
      return value / known(samplesPerStep, unit);
    case "tokens":
      return value / known(tokensPerStep, unit);
    case "rest":
      throw new RangeError("Cannot use `rest` here: it is what the lengths of a schedule leave of the run");
  }
}

function known(perStep: number | undefined, unit: "samples" | "tokens"): number {
  if (perStep !== undefined) return perStep;
  throw new RangeError(
    `Cannot use a duration in ${unit}: the run does not say how many are in a step; give it in steps, or use ` +
      `--${unit}-per-step`,
  );
}
