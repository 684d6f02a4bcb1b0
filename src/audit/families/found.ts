import { stepsText } from "#lib/duration.ts";
import type { Schedule, ScheduleSpec } from "#schedules/schedule.ts";

/** A schedule that was recognised in a log. */
export interface Found {
  /** Its name as the field says it. */
  readonly family: string;
  /** The same as a spec of the lab, durations in steps; `null` where the catalogue has none of these parameters. */
  readonly spec: ScheduleSpec | null;
  /** The rate of each step. */
  readonly rate: Schedule;
  /** Parameters with their names, for a reader. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Steps for which each rate is held: 1, or those of an epoch. */
  readonly held: number;
  /** Steps of the warmup; 0 without. */
  readonly warmup: number;
  /** Steps until it has come to its end; `null` for one that has none, or whose end the log does not show. */
  readonly end: number | null;
  /** True for a cosine that is not held at its end but rises again. */
  readonly rises: boolean;
  /** True where the rate falls at once when the warmup ends, since what follows is counted from step 0. */
  readonly jumpsAfterWarmup: boolean;
  /** True for a ramp that is not over where the log ends. */
  readonly isRising: boolean;
  /** Steps by which the curve is ahead of the log: 1 where the log shows the next step's rate. */
  readonly offset: number;
}

/** Properties that most families share. */
export const PLAIN = {
  held: 1,
  warmup: 0,
  end: null,
  rises: false,
  jumpsAfterWarmup: false,
  isRising: false,
  offset: 0,
} as const;

/** A number as it was most likely written: the one with the fewest digits within a relative error. */
export function plain(value: number, relative = 2e-6): number {
  for (let digits = 1; digits < 15; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.abs(rounded - value) <= relative * Math.abs(value)) return rounded;
  }
  return value;
}

/** Rounded to whole steps, as a spec has it. */
export const inSteps = (count: number): string => stepsText(Math.round(count));
