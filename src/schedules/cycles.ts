import type { CyclePosition } from "./schedule.ts";

/** First step of cycle k: strictly ascending from `starts(0)` = 0. */
export type CycleStarts = (cycle: number) => number;

const REMEMBERED = 64;

/**
 * Finds the cycle of a step by comparing with the cycles' starts, never by a logarithm, which is wrong at exact
 * restarts.
 *
 * @param limit number of cycles, or `null`; past the end of the last one the position counts on in it.
 */
export function cycleFinder(starts: CycleStarts, limit: number | null): (step: number) => CyclePosition {
  const first = Array.from({ length: REMEMBERED }, (_, cycle) => starts(cycle));
  const start: CycleStarts = (cycle) => cycle < REMEMBERED ? first[cycle]! : starts(cycle);
  return (step) => {
    const found = findCycle(start, step);
    const cycle = limit === null ? found : Math.min(found, limit - 1);
    return cyclePosition(cycle, step - start(cycle), start(cycle + 1) - start(cycle));
  };
}

/** Number of the last cycle that starts at or before a step: doubles an upper bound, then halves the interval. */
export function findCycle(start: CycleStarts, step: number): number {
  let above = 1;
  while (start(above) <= step) above *= 2;
  let cycle = Math.floor(above / 2);
  while (above - cycle > 1) {
    const middle = Math.floor((cycle + above) / 2);
    if (start(middle) <= step) cycle = middle;
    else above = middle;
  }
  return cycle;
}

/** A position with its two questions answered: a restart is the first step of every cycle but the first. */
export function cyclePosition(cycle: number, position: number, length: number): CyclePosition {
  return { cycle, position, length, isRestart: cycle > 0 && position === 0, isLast: position === length - 1 };
}

/** b_k = round(T₀·(m^k − 1)/(m − 1)), or k·T₀ where m = 1; with m < 1 it approaches T₀/(1 − m). */
export function geometricStarts(firstLength: number, multiplier: number): CycleStarts {
  if (multiplier === 1) return (k) => k * firstLength;
  const growth = multiplier - 1;
  // Next to 1 the subtraction in m^k − 1 would lose all digits; elsewhere the plain formula is exact at halves.
  const sum = Math.abs(growth) < 1e-6
    ? (k: number) => Math.expm1(k * Math.log1p(growth)) / growth
    : (k: number) => (multiplier ** k - 1) / growth;
  return (k) => Math.round(firstLength * sum(k));
}
