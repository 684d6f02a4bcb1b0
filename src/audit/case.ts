import type { Schedule } from "#schedules/schedule.ts";
import type { RateLog } from "./log.ts";
import type { Plan } from "./plan.ts";

/** A watched metric as the log has it, in the order of its steps. */
export type Metric = readonly { readonly step: number; readonly value: number }[];

/** A log beside what was meant. */
export interface Case {
  readonly log: RateLog;
  readonly plan: Plan;
  /** Updates in the whole run: as given, else as planned, or as many as the log shows where these are more. */
  readonly total: number;
  /** The watched metric; `null` where nobody named one. */
  readonly metric: Metric | null;
  /** Updates in an epoch; `null` where nobody said. */
  readonly stepsPerEpoch: number | null;
}

/** An account of a log: the rates by which it is explained. */
export interface Explanation {
  /** One sentence: the defect with its figures. */
  readonly what: string;
  /** The rate of each step of the log, if the account is right. */
  readonly rate: Schedule;
}

/** True where a rate lies within what its rounding allows. */
export const isNear = (log: RateLog, index: number, rate: number): boolean =>
  Math.abs(rate - log.rates[index]!) <= log.tolerances[index]!;

/** The first index from `from` on at which the log has another rate; its length where there is none. */
export function firstMisfit(log: RateLog, rate: Schedule, from = 0): number {
  const { steps } = log;
  for (let i = from; i < steps.length; i++) if (!isNear(log, i, rate(steps[i]!))) return i;
  return steps.length;
}

/** True where a rate fits every point of the log. */
export function holds(log: RateLog, rate: Schedule): boolean {
  return firstMisfit(log, rate) === log.steps.length;
}

/** Steps that may be the first: 0, and 1 where the log may count from there. */
export const basesOf = ({ mayCountFromOne }: RateLog): readonly number[] => mayCountFromOne ? [0, 1] : [0];

/** The rates by step of the log, where rates by update give them all; else `null`. */
export function fitting({ log }: Pick<Case, "log">, rateOfUpdate: Schedule): Schedule | null {
  for (const base of basesOf(log)) {
    const rate: Schedule = (step) => rateOfUpdate(Math.max(0, step - base));
    if (holds(log, rate)) return rate;
  }
  return null;
}

/** The call of the scheduler that an update follows. */
export const callsBefore = ({ unit }: Plan, update: number): number => Math.floor(update / unit);

/** A plan's rate after so many calls, in the ways in which frameworks continue past its end. */
export function continuations({ after, end, warmup }: Plan): readonly Schedule[] {
  if (end === null) return [after];
  const [descent, last] = [end - warmup, after(end)];
  const slope = last - after(end - 1);
  return [
    after,
    // A cosine that is not held is a wave.
    (calls) => {
      if (calls <= end) return after(calls);
      const into = (calls - warmup) % (2 * descent);
      return after(warmup + Math.min(into, 2 * descent - into));
    },
    // A line that is not held goes on below its end.
    (calls) => calls <= end ? after(calls) : last + slope * (calls - end),
  ];
}

/** A number as a sentence shows it. */
export const short = (value: number): string => String(Number(value.toPrecision(4)));
