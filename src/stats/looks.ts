/**
 * The error that each of several planned looks at growing evidence may spend, so that the intervals of all looks hold
 * together with probability 1 − `error` (Bonferroni over looks): in proportion to the values that the look has,
 *
 *     errorₖ = error · nₖ / Σ n.
 *
 * Early looks get little of it. They would gain little from more, for with few values the quantile of t is large anyway.
 *
 * @param counts values at each look, rising.
 * @throws {RangeError} for counts that do not rise from 1, or an error outside (0, 1).
 *
 * @example Three looks: the last keeps more than half
 * ```ts
 * import assert from "node:assert/strict";
 * import { lookErrors } from "#stats/looks.ts";
 *
 * assert.deepEqual(lookErrors([4, 8, 16], 0.07).map((error) => error.toFixed(2)), ["0.01", "0.02", "0.04"]);
 * assert.deepEqual(lookErrors([8], 0.05), [0.05]);
 * ```
 */
export function lookErrors(counts: readonly number[], error: number): number[] {
  if (counts.length === 0 || counts.some((count, index) => !(count > (counts[index - 1] ?? 0)))) {
    throw new RangeError(`Cannot look at ${counts.join(", ") || "no"} values: counts rise from 1`);
  }
  if (!(error > 0 && error < 1)) {
    throw new RangeError(`Cannot spend an error of ${error}: it must lie between 0 and 1`);
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => error * (count / all));
}

/**
 * What intervals that hold together share: also an interval that holds. `null` where they share nothing, which happens to
 * fewer experiments than the error that they leave.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sharedInterval } from "#stats/looks.ts";
 *
 * assert.deepEqual(sharedInterval([[-1, 5], [0, 6]]), [0, 5]);
 * assert.equal(sharedInterval([[0, 1], [2, 3]]), null);
 * ```
 */
export function sharedInterval(
  intervals: readonly (readonly [number, number])[],
): readonly [number, number] | null {
  const low = Math.max(...intervals.map(([low]) => low));
  const high = Math.min(...intervals.map(([, high]) => high));
  return intervals.length > 0 && low <= high ? [low, high] : null;
}
