import type { RunShape } from "../lib/duration.ts";
import type { BuildContext } from "../schedules/entry.ts";
import { buildSchedule } from "../schedules/registry.ts";
import type { ScheduleSpec } from "../schedules/schedule.ts";
import { ratesOver } from "./convex_bound.ts";
import {
  type BoundCurve,
  boundCurve,
  predict,
  type Prediction,
  withCooldown,
  withFloor,
} from "./prediction.ts";

/** A schedule in the stretch of its own time that a run covers. */
export interface ScheduledRun {
  readonly schedule: ScheduleSpec;
  readonly shape: RunShape;
  /** The schedule's own step at which the run begins. */
  readonly first: number;
  readonly steps: number;
}

/** A change of a schedule, and the bound after it. */
export interface Variant {
  /** The factor of the run's length, the share of the run that cools down, or the floor as a share of the peak. */
  readonly value: number;
  readonly prediction: Prediction;
  /** The best peak rate, as a multiple of the unchanged schedule's. */
  readonly rate: number;
  /** The bound, as a multiple of the unchanged schedule's. */
  readonly bound: number;
}

/** The prediction of convex theory for one schedule before it is trained. */
export interface SchedulePrediction {
  readonly prediction: Prediction;
  readonly curve: BoundCurve;
  /** Runs of other lengths: durations in percent move with them, those in steps stay. Empty for a run that continues. */
  readonly lengths: readonly Variant[];
  /** A linear cooldown to zero on top, over the last share of the run. */
  readonly cooldowns: readonly Variant[];
  /** All rates lifted in proportion, so that none is below this share of the peak. */
  readonly floors: readonly Variant[];
}

const LENGTHS = [0.25, 0.5, 2, 4] as const;
const COOLDOWNS = [0.1, 0.2, 0.4, 1] as const;
const FLOORS = [0.01, 0.1, 0.3] as const;

/** Most steps of a run that is looked at for its length alone. */
const MOST_STEPS = 2_000_000;

/**
 * The convex bound of a schedule in its run, and of the same schedule shorter, longer, with a cooldown and with a floor.
 *
 * @param rates the rates of the run; evaluated if not given.
 * @returns `null` where no rate is above 0.
 * @throws {Error} where the schedule cannot be built.
 */
export function predictSchedule(
  run: ScheduledRun,
  context: BuildContext = {},
  rates: Float64Array = ratesOf(run, context),
): SchedulePrediction | null {
  const prediction = predict(rates);
  if (prediction === null) return null;
  const variants = (values: readonly number[], of: (value: number) => Float64Array | null): Variant[] =>
    values.flatMap((value) => {
      const changed = of(value);
      const found = changed && predict(changed);
      if (!found) return [];
      return [{
        value,
        prediction: found,
        rate: found.bestRate / prediction.bestRate,
        bound: found.bound / prediction.bound,
      }];
    });
  return {
    prediction,
    curve: boundCurve(rates),
    lengths: variants(LENGTHS, (factor) => ratesOfLength(run, factor, context)),
    cooldowns: variants(COOLDOWNS, (share) => withCooldown(rates, share)),
    floors: variants(FLOORS, (floor) => withFloor(rates, floor)),
  };
}

/** The rates of a run so many times as long; `null` where that has no meaning, or is too long to be looked at. */
function ratesOfLength(run: ScheduledRun, factor: number, context: BuildContext): Float64Array | null {
  const { shape, first, steps } = run;
  const length = Math.round(steps * factor);
  if (first !== 0 || steps !== shape.totalSteps || length < 1 || length > MOST_STEPS) return null;
  try {
    return ratesOf({ ...run, shape: { ...shape, totalSteps: length }, steps: length }, context);
  } catch {
    // A schedule of fixed durations may not fit into a run that is shorter.
    return null;
  }
}

function ratesOf({ schedule, shape, first, steps }: ScheduledRun, context: BuildContext): Float64Array {
  const { lr } = buildSchedule(schedule, shape, context);
  return ratesOver(steps, (step) => lr(first + step));
}
