import type { Schedule } from "#schedules/schedule.ts";
import { callsBefore, type Case, continuations, fitting } from "../case.ts";
import { sliced } from "../log.ts";
import { recognise } from "../recognise.ts";

/** Rounds of halving: lengths are whole, and below 2^53. */
const ROUNDS = 54;
/** Calls of a plan that are looked at for its peak. */
const LOOKED_AT = 1000;
/** A schedule so many times as long as the run hardly moves. */
const LONGEST = 4096;

/** Another length of a schedule that gives the log, in calls of the scheduler. */
export interface OtherEnd {
  readonly end: number;
  readonly rate: Schedule;
  /** True where the rate rises again past that end. */
  readonly rises: boolean;
}

/**
 * The length of the planned schedule that gives the log up to its lowest rate and, held or as a wave, after it. The rate
 * of a descent at a step grows with its length, so the length is found by halving, at the step that shows most of it.
 */
export function otherEnd(given: Case): OtherEnd | null {
  const { plan, log } = given;
  if (plan.end === null) return null;
  const top = log.rates.reduce((most, rate, i) => rate > log.rates[most]! ? i : most, 0);
  const lowest = log.rates.reduce((least, rate, i) => i > top && rate < log.rates[least]! ? i : least, top);
  for (const make of plan.withEnd) {
    for (const base of log.mayCountFromOne ? [0, 1] : [0]) {
      const calls = log.steps.map((step) => callsBefore(plan, Math.max(0, step - base)));
      const found = lengthFor(make, calls, {
        ...sliced(log, 0, lowest + 1),
        warmup: plan.warmup,
        end: plan.end,
      });
      for (const end of found === null ? [] : [found, found - 1, found + 1]) {
        const after = make(end);
        if (after === null) continue;
        for (const [kind, clock] of continuations({ ...plan, after, end }).entries()) {
          const rate = fitting(given, (t) => clock(callsBefore(plan, t)));
          if (rate !== null) return { end, rate, rises: kind === 1 && end < calls.at(-1)! };
        }
      }
    }
  }
  return null;
}

function lengthFor(
  make: (end: number) => Schedule | null,
  calls: readonly number[],
  log: {
    readonly rates: readonly number[];
    readonly tolerances: readonly number[];
    readonly warmup: number;
    readonly end: number;
  },
): number | null {
  const { rates, tolerances, warmup } = log;
  // The step in the descent at which a longer schedule differs most, for its rounding.
  const mostAt = (end: number): number => {
    const [here, longer] = [make(end), make(end + Math.max(1, Math.round(0.02 * end)))];
    if (here === null || longer === null) return -1;
    let [most, at] = [0, -1];
    for (let i = 0; i < rates.length; i++) {
      const gain = (longer(calls[i]!) - here(calls[i]!)) / tolerances[i]!;
      // At its minimum a schedule has one rate whatever its length.
      if (rates[i]! - rates.at(-1)! <= 4 * tolerances[i]!) continue;
      if (gain > most && calls[i]! > warmup) [most, at] = [gain, i];
    }
    return at;
  };
  let end = Math.max(log.end, calls[rates.length - 1]! + 1);
  for (let round = 0; round < 3; round++) {
    const at = mostAt(end);
    if (at < 0) return round === 0 ? null : end;
    const rateFor = (length: number) => make(length)?.(calls[at]!) ?? -Infinity;
    let [low, high] = [Math.floor(warmup), LONGEST * log.end];
    for (let k = 0; k < ROUNDS && high - low > 1; k++) {
      const middle = Math.floor((low + high) / 2);
      if (rateFor(middle) < rates[at]!) low = middle;
      else high = middle;
    }
    end = Math.abs(rateFor(low) - rates[at]!) < Math.abs(rateFor(high) - rates[at]!) ? low : high;
  }
  return end;
}

/** The length of the same schedule as it is recognised, where it has more lengths than one and its plan's ramp and peak. */
export function recognisedEnd({ log, plan, stepsPerEpoch }: Case): OtherEnd | null {
  const found = recognise(log, stepsPerEpoch);
  if (found === null || found.end === null || found.rises || found.held !== plan.unit || plan.end === null) {
    return null;
  }
  // A coarse log may step over the peak.
  const peak = log.rates.reduce((most, rate) => Math.max(most, rate), found.rate(Math.round(found.warmup)));
  const planned = Array.from(
    { length: LOOKED_AT + 1 },
    (_, k) => plan.after(Math.round(k * plan.end! / LOOKED_AT)),
  );
  if (Math.abs(planned.reduce((most, rate) => Math.max(most, rate), 0) - peak) > 0.02 * peak) return null;
  // A one-cycle has a ramp and no warmup: it grows with its length.
  if (plan.warmup > 0 && Math.abs(found.warmup / plan.unit - plan.warmup) > 1) return null;
  return { end: Math.round(found.end / plan.unit), rate: found.rate, rises: false };
}
