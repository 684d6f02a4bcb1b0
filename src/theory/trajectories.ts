import { random } from "#lib/prng.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { normalQuantile } from "#stats/distributions.ts";
import { mean, sampleSd } from "#stats/summary.ts";
import { type Estimate, pairedRatio, positiveMean } from "#stats/variance.ts";
import { type Arm, runChains } from "./chains.ts";
import { averagedVariance, moments, type NoisyQuadratic } from "./quadratic.ts";
import { CONTEXT } from "./power.ts";

export interface TrajectorySettings {
  readonly name: string;
  readonly schedule: ScheduleSpec;
  /** From this step on the mean of the x since then is judged in place of x; only for a constant rate. */
  readonly averageFrom?: number;
}

/** The mean squared error E[x²] of a schedule over a run. */
export interface Trajectory {
  readonly name: string;
  readonly schedule: ScheduleSpec;
  readonly averageFrom: number | null;
  /** The exact error, at as many steps as a picture needs. */
  readonly curve: { readonly steps: readonly number[]; readonly error: readonly number[] };
  /** Steps at which it is measured: 1, 2, 4, … */
  readonly steps: readonly number[];
  /** From the recursions of mean and variance. */
  readonly exact: readonly number[];
  readonly measured: readonly Estimate[];
  /** Share of the start's distance that is left of the mean at the end: by the recursion, and of the chains. */
  readonly startLeft: {
    readonly exact: number;
    readonly value: number;
    readonly interval: readonly [number, number];
  };
  /** Slope of ln E[x²] against ln t over the last three doublings. */
  readonly slope: {
    readonly exact: number;
    readonly value: number;
    readonly interval: readonly [number, number];
  };
}

/** Error of one trajectory at its end over that of another, chain by chain on the same noise. */
export interface EndRatio extends Estimate {
  readonly name: string;
  readonly against: string;
  readonly exact: number;
}

export interface TrajectoryOptions {
  readonly chains: number;
  readonly seed: number;
  /** Trajectories are 2^`doublings` steps long. */
  readonly doublings: number;
  /** Names of trajectories whose ends are compared. */
  readonly pairs: readonly (readonly [string, string])[];
}

const SLOPE_DOUBLINGS = 3;
/** Points of a drawn curve: to a factor of ten, and over the whole run. */
const PER_DECADE = 20;
const PER_RUN = 128;

/**
 * Runs every schedule on the same noise and reports how fast the error falls.
 *
 * @throws {RangeError} for a pair that names no trajectory, or a schedule that cannot be built.
 */
export function measureTrajectories(
  problem: NoisyQuadratic,
  settings: readonly TrajectorySettings[],
  { chains, seed, doublings, pairs }: TrajectoryOptions,
): { trajectories: Trajectory[]; ends: EndRatio[] } {
  const run = { totalSteps: 2 ** doublings, stepsPerEpoch: 2 ** doublings };
  const steps = Array.from({ length: doublings + 1 }, (_, k) => 2 ** k);
  const arms = settings.map(({ schedule, averageFrom }) => {
    const { lr } = buildSchedule(schedule, run, CONTEXT);
    const rates = Float64Array.from({ length: run.totalSteps }, (_, step) => lr(step));
    return averageFrom === undefined ? { rates } : { rates, averageFrom };
  });
  // The word is part of the seed: another one would draw other noise.
  const kept = runChains(problem, arms, { chains, keep: steps, noise: random(seed, "courses").normal });
  const squares = kept.map((arm) => arm.map((x) => x.map((value) => value ** 2)));
  const trajectories = settings.map((setting, index) =>
    trajectoryOf(problem, setting, arms[index]!, steps, { x: kept[index]!, squares: squares[index]! })
  );
  const indexOf = (name: string) => {
    const index = trajectories.findIndex((trajectory) => trajectory.name === name);
    if (index === -1) {
      throw new RangeError(`Cannot compare ${JSON.stringify(name)}: no trajectory has this name`);
    }
    return index;
  };
  const ends = pairs.map(([name, against]) => {
    const [top, bottom] = [indexOf(name), indexOf(against)];
    return {
      name,
      against,
      exact: trajectories[top]!.exact.at(-1)! / trajectories[bottom]!.exact.at(-1)!,
      ...pairedRatio(squares[top]!.at(-1)!, squares[bottom]!.at(-1)!),
    };
  });
  return { trajectories, ends };
}

function trajectoryOf(
  problem: NoisyQuadratic,
  { name, schedule, averageFrom }: TrajectorySettings,
  { rates }: Arm,
  steps: readonly number[],
  { x, squares }: { readonly x: readonly Float64Array[]; readonly squares: readonly Float64Array[] },
): Trajectory {
  const { mean: means, variance } = moments(problem, rates);
  const errorAt = (count: number) =>
    averageFrom === undefined || count <= averageFrom
      ? means[count]! ** 2 + variance[count]!
      : averagedVariance(problem, rates[0]!, count - averageFrom);
  const exact = steps.map(errorAt);
  const drawn = drawnSteps(rates.length);
  return {
    name,
    schedule,
    averageFrom: averageFrom ?? null,
    curve: { steps: drawn, error: drawn.map(errorAt) },
    steps,
    exact,
    measured: squares.map((values) => positiveMean(values)),
    startLeft: { exact: means[rates.length]! / problem.start, ...shareOf(x.at(-1)!, problem.start) },
    slope: slopeOf(exact, squares),
  };
}

/** Whole numbers from 1 to a run's end, evenly spaced on both a log axis and a linear one. */
function drawnSteps(total: number): number[] {
  const decades = Math.floor(PER_DECADE * Math.log10(total));
  const all = [
    ...Array.from({ length: decades + 1 }, (_, index) => Math.round(10 ** (index / PER_DECADE))),
    ...Array.from({ length: PER_RUN }, (_, index) => Math.round(((index + 1) * total) / PER_RUN)),
  ];
  return [...new Set(all)].filter((step) => step >= 1).sort((a, b) => a - b);
}

/** Mean of x over the start, with a 95 % interval. */
function shareOf(x: Float64Array, start: number): { value: number; interval: [number, number] } {
  const shares = Array.from(x, (value) => value / start);
  const value = mean(shares);
  const half = normalQuantile(0.975) * sampleSd(shares) / Math.sqrt(shares.length);
  return { value, interval: [value - half, value + half] };
}

function slopeOf(exact: readonly number[], squares: readonly Float64Array[]): Trajectory["slope"] {
  const span = Math.log(2 ** SLOPE_DOUBLINGS);
  const { value, interval } = pairedRatio(squares.at(-1)!, squares.at(-1 - SLOPE_DOUBLINGS)!);
  return {
    exact: Math.log(exact.at(-1)! / exact.at(-1 - SLOPE_DOUBLINGS)!) / span,
    value: Math.log(value) / span,
    interval: [Math.log(interval[0]) / span, Math.log(interval[1]) / span],
  };
}
