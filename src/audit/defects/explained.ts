import type { Schedule } from "#schedules/schedule.ts";
import type { Explanation } from "../case.ts";

/** An account with its rates, where there are any. */
export const explained = (rate: Schedule | null, what: string): Explanation | null =>
  rate === null ? null : { what, rate };

/** The first of some accounts that holds. */
export function firstOf<T>(items: Iterable<T>, account: (item: T) => Explanation | null): Explanation | null {
  for (const item of items) {
    const found = account(item);
    if (found !== null) return found;
  }
  return null;
}
