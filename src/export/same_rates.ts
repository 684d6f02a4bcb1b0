import type { Schedule } from "#schedules/schedule.ts";

/** Rates closer than this, relative to the larger, count as the same. */
export const SAME = 1e-9;
/** Steps that are compared; of a longer run they are spread evenly, the first ones densely. */
const COMPARED = 100_000;

/** True for two rates that are the same but for rounding. */
export function sameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b)) + 1e-18;
}

/** True for two schedules that give the same rates over a run. */
export function sameRates(a: Schedule, b: Schedule, totalSteps: number): boolean {
  const stride = Math.max(1, Math.floor(totalSteps / COMPARED));
  for (let t = 0; t < totalSteps; t += t < COMPARED / 10 ? 1 : stride) {
    if (!sameRate(a(t), b(t))) return false;
  }
  return true;
}
