import { median } from "#lib/median.ts";
import { mean } from "./summary.ts";
import { theilSen } from "./theil_sen.ts";

/** The measurements of an LR range test, step by step, in order. */
export interface RangeCurve {
  /** Rising, above 0. */
  readonly rates: readonly number[];
  /** Loss (nats) of each step's batch, before the step; what follows one that is not finite is passed over. */
  readonly losses: readonly number[];
}

/** The loss around one rate. */
export interface LevelPoint {
  readonly rate: number;
  /** Nats: the value at this rate of the robust line through the window around it. */
  readonly level: number;
  /** Nats: the median of the nine losses around it, for what happens within a window. */
  readonly near: number;
  /** Nats per e-fold of the rate; `null` where the ends of the curve cut the window. */
  readonly slope: number | null;
}

/** Levels of a curve, and their noise. */
export interface Levels {
  readonly points: readonly LevelPoint[];
  /** Standard deviation of a level inside the curve, from differences of neighbouring losses. */
  readonly noise: number;
}

/** A window is this share of the ramp: 28 of 200 steps, a decade of a ramp over seven. */
const WINDOW = 1 / 7;
/** Fewest points of a window. */
const LEAST_POINTS = 9;
/** Points on either side of those nine. */
const NEAR = 4;
/** Longer ramps are read as this many points, each the mean of neighbouring steps. */
const MOST_POINTS = 250;
/** Efficiency of the median of normal values: its variance is π/2 times that of their mean. */
const MEDIAN_VARIANCE = Math.PI / 2;

/**
 * Loss and slope around each rate: the robust line (see {@link theilSen}) through the losses of a window a seventh of the ramp wide,
 * against the logarithm of the rate. Many batches stand behind each point, single ones cannot carry it away, and unlike
 * a moving average it does not lag.
 *
 * @param plannedSteps steps of the whole ramp, those that divergence left out included.
 * @returns a sentence where too few steps were measured.
 * @throws {TypeError} where rates and losses differ in number.
 *
 * @example A loss that falls by 1 per decade
 * ```ts
 * import assert from "node:assert/strict";
 * import { levelsOf } from "#stats/range_levels.ts";
 *
 * const rates = Array.from({ length: 70 }, (_, step) => 1e-6 * 10 ** (step / 10));
 * const levels = levelsOf({ rates, losses: rates.map((rate) => -Math.log10(rate)) }, 70);
 * assert.ok(typeof levels !== "string");
 * const { rate, level, slope } = levels.points[35]!;
 * assert.ok(Math.abs(level + Math.log10(rate)) < 1e-12 && Math.abs(slope! * Math.LN10 + 1) < 1e-12);
 * ```
 */
export function levelsOf({ rates, losses }: RangeCurve, plannedSteps: number): Levels | string {
  if (rates.length !== losses.length) {
    throw new TypeError(`Cannot read a curve of ${rates.length} rates and ${losses.length} losses`);
  }
  const broken = losses.findIndex((loss) => !Number.isFinite(loss));
  const measured = broken === -1 ? losses.length : broken;
  const together = Math.ceil(plannedSteps / MOST_POINTS);
  const logs = averaged(rates.slice(0, measured).map(Math.log), together);
  const values = averaged(losses.slice(0, measured), together);
  const half = Math.floor(Math.max(LEAST_POINTS, (WINDOW * plannedSteps) / together) / 2);
  if (values.length < 2 * half + 2) {
    return `${measured} of ${plannedSteps} steps were measured, too few to read a rate off`;
  }
  const points = logs.map((log, i): LevelPoint => {
    const [from, to] = [Math.max(0, i - half), Math.min(logs.length, i + half + 1)];
    const { level, slope } = theilSen(logs.slice(from, to).map((each) => each - log), values.slice(from, to));
    const around = values.slice(Math.max(0, i - NEAR), i + NEAR + 1);
    return {
      rate: Math.exp(log),
      level,
      near: median(around),
      slope: to - from > 2 * half ? slope : null,
    };
  });
  return { points, noise: spreadOf(values) * Math.sqrt(MEDIAN_VARIANCE / (2 * half + 1)) };
}

/** Means of so many neighbours; the rest that does not fill one is left out. */
function averaged(values: readonly number[], together: number): number[] {
  if (together === 1) return [...values];
  return Array.from(
    { length: Math.floor(values.length / together) },
    (_, i) => mean(values.slice(i * together, (i + 1) * together)),
  );
}

/** Standard deviation of the noise of a series with a slow trend: the median of differences of neighbours, as of normal values. */
function spreadOf(values: readonly number[]): number {
  const differences = values.slice(1).map((value, i) => Math.abs(value - values[i]!)).sort((a, b) => a - b);
  return differences[Math.floor(differences.length / 2)]! / (0.6745 * Math.SQRT2);
}
